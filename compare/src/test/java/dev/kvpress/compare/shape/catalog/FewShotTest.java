package dev.kvpress.compare.shape.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.data.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FewShotTest {
  @TempDir Path folder;

  private Path file(String... lines) throws Exception {
    return Files.write(folder.resolve("train.jsonl"), List.of(lines));
  }

  @Test
  void assemblesTheFirstExamplesWithTheirAnswers() throws Exception {
    Path training =
        file(
            "{\"question\": \"Q: 1\\nA:\", \"choices\": [\"one\", \"two\"], \"answer\": 0}",
            "{\"question\": \"Q: 2\\nA:\", \"choices\": [\"one\", \"two\"], \"answer\": 1}",
            "{\"question\": \"Q: 3\\nA:\", \"choices\": [\"one\", \"two\"], \"answer\": 1}");
    assertThat(FewShot.ofChoices(training, 2)).isEqualTo("Q: 1\nA: one\n\nQ: 2\nA: two\n\n");
    assertThat(FewShot.ofChoices(training, 0)).isEmpty();
  }

  @Test
  void assemblesSummariesAndQuestionsToo() throws Exception {
    assertThat(FewShot.ofSummaries(file("{\"article\": \"long\", \"summary\": \"short\"}"), 1))
        .isEqualTo("long short\n\n");
    assertThat(
            FewShot.ofQuestions(
                file("{\"context\": \"c\", \"question\": \"q\", \"answers\": [\"a\", \"b\"]}"),
                1,
                question -> question.prompt() + "!" + question.answers()))
        .isEqualTo("q![a, b]\n\n");
  }

  @Test
  void refusesTrainingFilesThatAreTooShortOrTellNoAnswer() throws Exception {
    Path silent = file("{\"context\": \"q\", \"continuation\": \" one\"}");
    assertThatThrownBy(() -> FewShot.ofChoices(silent, 1))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train.jsonl:1: expected which choice is right");
    Path training = file("{\"question\": \"q\", \"choices\": [\"one\"], \"answer\": 0}");
    assertThatThrownBy(() -> FewShot.ofChoices(training, 2))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("expected at least 2 examples for --shots, found 1");
  }
}
