package dev.kvpress.compare.shape.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Question;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
    assertThat(FewShot.ofChoices(data(training, "multiple_choice"), training, 2))
        .isEqualTo("Q: 1\nA: one\n\nQ: 2\nA: two\n\n");
    assertThat(FewShot.ofChoices(data(training, "multiple_choice"), training, 0)).isEmpty();
  }

  @Test
  void assemblesSummariesAndQuestionsToo() throws Exception {
    Path summaries = file("{\"article\": \"long\", \"summary\": \"short\"}");
    assertThat(FewShot.ofSummaries(data(summaries, "summarization"), summaries, 1))
        .isEqualTo("long short\n\n");
    Path questions = file("{\"context\": \"c\", \"question\": \"q\", \"answers\": [\"a\", \"b\"]}");
    assertThat(
            FewShot.ofQuestions(
                data(questions, "qa"),
                questions,
                1,
                question -> question.prompt() + "!" + question.answers()))
        .isEqualTo("q![a, b]\n\n");
  }

  @Test
  void examplesAreReadAsTheDataIs() throws Exception {
    Path file = file("{\"passage\": \"c\", \"q\": \"who\", \"a\": \"Ida\"}");
    Renaming names = new Renaming(Map.of("context", "passage", "question", "q", "answer", "a"));
    DataSource renamed = new ShapeFinder().forTask(List.of(file), names, "qa");
    assertThat(FewShot.ofQuestions(renamed, file, 1, Question::prompt)).isEqualTo("who\n\n");
    Path own =
        Files.writeString(
            folder.resolve("own.jsonl"),
            "{\"context\": \"c\", \"question\": \"what\", \"answer\": \"a\"}");
    assertThat(FewShot.ofQuestions(renamed, own, 1, Question::prompt)).isEqualTo("what\n\n");
    Path rte = file("{\"sentence1\": \"p\", \"sentence2\": \"h\", \"label\": 1}");
    DataSource named =
        new ShapeFinder().as(List.of(rte), Renaming.NONE, Shapes.find("rte").orElseThrow());
    assertThat(FewShot.ofChoices(named, rte, 1)).endsWith("Answer: False\n\n");
  }

  private static DataSource data(Path file, String task) {
    return DataSource.of(file, task);
  }

  @Test
  void refusesTrainingFilesThatAreTooShortOrTellNoAnswer() throws Exception {
    Path silent = file("{\"context\": \"q\", \"continuation\": \" one\"}");
    assertThatThrownBy(() -> FewShot.ofChoices(data(silent, "multiple_choice"), silent, 1))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train.jsonl:1: expected which choice is right");
    Path training = file("{\"question\": \"q\", \"choices\": [\"one\"], \"answer\": 0}");
    assertThatThrownBy(() -> FewShot.ofChoices(data(training, "multiple_choice"), training, 2))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("expected at least 2 examples for --shots, found 1");
  }
}
