package dev.kvpress.compare.shape.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.data.Choice;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.SampleReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChoiceShapesTest {
  @TempDir Path folder;

  private List<ChoiceQuestion> read(String... lines) throws Exception {
    Path file = Files.write(folder.resolve("choices.jsonl"), List.of(lines));
    try (SampleReader<ChoiceQuestion> reader = DataSource.of(file, "multiple_choice").choices()) {
      return reader.atMost(100);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[\"red\", \"blue\"] | 1 | 1",
        "[\"red\", \"blue\"] | \"red\" | 0",
        "[\"red\", \"blue\"] | \"B\" | 1",
        "[\"red\", \"blue\"] | \"1\" | 1",
        "[\"2\", \"4\", \"6\", \"8\"] | 2 | 2",
        "[\"2\", \"4\", \"6\", \"8\"] | \"6\" | 2",
        "[\"0\", \"1\"] | \"1\" | 1",
      })
  void takesTheAnswerAsIndexTextOrLetter(String choices, String answer, int place)
      throws Exception {
    ChoiceQuestion question =
        read("{\"context\": \"c\", \"question\": \"q\", \"choices\": %s, \"answer\": %s}"
                .formatted(choices, answer))
            .get(0);
    assertThat(question.answer()).hasValue(place);
    assertThat(question.context()).isEqualTo("c");
    assertThat(question.prompt(0)).isEqualTo("c q");
    assertThat(question.choices().get(0).continuation()).startsWith(" ");
    assertThat(question.texts()).noneMatch(text -> text.startsWith(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"question\": \"q\", \"choices\": [\"2\", \"4\", \"6\"], \"answer\": \"2\"} | is the text of choice 0 and the index of another",
        "{\"question\": \"q\", \"choices\": [2, 4, 6], \"answer\": 2} | 2 is a choice and the index of another",
        "{\"question\": \"q\", \"choices\": [\"a\"], \"answer\": 1} | expected an index from 0 to 0, the text of a choice or its letter, found 1",
        "{\"question\": \"q\", \"choices\": [\"a\"], \"answer\": 4294967296} | expected an index from 0 to 0",
        "{\"question\": \"q\", \"choices\": [\"a\"], \"answer\": -1} | the answer, take the validation split",
        "{\"question\": \"q\", \"choices\": [\"a\", \"a\"], \"answer\": \"a\"} | found",
        "{\"question\": \"q\", \"choices\": [\"a\", \" \"], \"answer\": 0} | choice 1: expected a text, found a blank one",
        "{\"question\": \" \", \"choices\": [\"a\"], \"answer\": 0} | question: expected a text",
        "{\"question\": \"q\", \"choices\": {\"text\": [\"a\", \"b\"], \"label\": [\"A\", \"B\"]}, \"answerKey\": \"1\"} | answerKey: expected one of the labels A, B",
        "{\"premise\": \"p.\", \"choice1\": \"a\", \"choice2\": \"b\", \"question\": \"why\", \"label\": 0} | question: expected cause or effect, found 'why'",
        "{\"sentence\": \"x\", \"option1\": \"a\", \"option2\": \"b\", \"answer\": \"1\"} | sentence: expected a gap _",
        "{\"sentence\": \"x _ y\", \"option1\": \"a\", \"option2\": \"b\", \"answer\": \"\"} | answer: expected one of the labels 1, 2",
        "{\"arguments\": [[\"c\", \" a\"], [\"\", \" b\"]], \"target\": \"0\"} | acc_mutual_info",
        "{\"arguments\": [[\"c\", {\"until\": []}]], \"target\": \"0\"} | expected pairs of context and continuation",
        "{\"arguments\": [[\"c\", \" a\"], [\"c\", \" b\"]], \"target\": \"[0, 1]\"} | target: expected an index from 0 to 1",
        "{\"arguments\": [[\"c\", \" z\"], [\"d\", \" z\"]], \"target\": \"z\"} | target: expected which context is right",
        "{\"prompt\": \"R c\", \"continuation\": \" d\"} | expected a prompt that ends with its continuation",
        "{\"doc_id\": 1, \"context\": \"R\", \"continuation\": \" d\", \"gold\": false} | put the lines of a doc_id together",
        "{\"context\": \"R\", \"continuation\": \" d\", \"gold\": 1} | gold: expected a choice from 0 to 0, found 1",
      })
  void namesFileLineAndColumnOfBrokenRows(String line, String message) {
    assertThatThrownBy(() -> read(line))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("choices.jsonl:1: ")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void requestsOfOneQuestionThatStandApartAreRefused() {
    String[] lines = {
      "{\"doc_id\": 0, \"context\": \"Q\", \"continuation\": \" a\", \"gold\": true}",
      "{\"doc_id\": 1, \"context\": \"R\", \"continuation\": \" a\", \"gold\": true}",
      "{\"doc_id\": 0, \"context\": \"Q\", \"continuation\": \" b\"}"
    };
    assertThatThrownBy(() -> read(lines))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("choices.jsonl:3: 0 was there before")
        .hasMessageContaining("sort the rows");
  }

  @Test
  void numbersOfQuestionsBeginAnewInEachFile() throws Exception {
    String line = "{\"doc_id\": 0, \"context\": \"%s\", \"continuation\": \" %s\", \"gold\": %s}";
    Path first =
        Files.write(
            folder.resolve("a.jsonl"),
            List.of(line.formatted("Q", "a", true), line.formatted("Q", "b", false)));
    Path second =
        Files.write(
            folder.resolve("b.jsonl"),
            List.of(line.formatted("R", "c", false), line.formatted("R", "d", true)));
    DataSource both =
        new ShapeFinder().forTask(List.of(first, second), Renaming.NONE, "multiple_choice");
    try (SampleReader<ChoiceQuestion> reader = both.choices()) {
      assertThat(reader.atMost(10))
          .extracting(question -> question.texts() + " " + question.answer().orElseThrow())
          .containsExactly("[a, b] 0", "[c, d] 1");
    }
  }

  @Test
  void readsSamplesThatLmEvaluationHarnessLogged() throws Exception {
    List<ChoiceQuestion> questions =
        read(
            "{\"doc_id\": 0, \"target\": \"1\", \"arguments\": [[\"Q: x\\nA:\", \" no\"], [\"Q: x\\nA:\", \" yes\"]]}",
            "{\"doc_id\": 1, \"target\": \"no\", \"arguments\": {\"gen_args_0\": {\"arg_0\": \"Q\", \"arg_1\": \"no\"}, \"gen_args_1\": {\"arg_0\": \"Q\", \"arg_1\": \"  yes\"}}}",
            "{\"doc_id\": 2, \"target\": \"y.\", \"doc\": {\"sentence\": \"_ x\", \"option1\": \"a\", \"option2\": \"b\", \"answer\": \"2\"}, \"arguments\": [[\"shots a\", \" y.\"], [\"shots b\", \" y.\"]]}",
            "{\"doc_id\": 3, \"target\": \"2\", \"arguments\": [[\"3+3:\", \" 2\"], [\"3+3:\", \" 4\"], [\"3+3:\", \" 6\"]]}");
    assertThat(questions).extracting(q -> q.answer().getAsInt()).containsExactly(1, 0, 1, 2);
    assertThat(questions.get(0).prompt(0)).isEqualTo("Q: x\nA:");
    assertThat(questions.get(1).choices())
        .extracting(Choice::continuation)
        .containsExactly("no", "  yes");
    assertThat(questions.get(1).texts()).containsExactly("no", " yes");
    assertThat(questions.get(2).prompt(1)).isEqualTo("shots b");
    assertThat(questions.get(2).texts()).containsExactly("a", "b");
  }

  @Test
  void gathersTheRequestsOfADocument() throws Exception {
    List<ChoiceQuestion> questions =
        read(
            "{\"doc_id\": 0, \"context\": \"Q\", \"continuation\": \" a\", \"gold\": false}",
            "{\"doc_id\": 0, \"context\": \"Q\", \"continuation\": \" b\", \"gold\": true}",
            "{\"doc_id\": 1, \"prompt\": \"R c\", \"echo\": true, \"continuation\": \" c\", \"gold\": 1}",
            "{\"doc_id\": 1, \"prompt\": \"R d\", \"echo\": true, \"continuation\": \" d\"}",
            "{\"context\": \"S\", \"continuation\": \" e\"}",
            "{\"context\": \"S\", \"continuation\": \" f\"}");
    assertThat(questions)
        .extracting(ChoiceQuestion::texts)
        .containsExactly(List.of("a", "b"), List.of("c", "d"), List.of("e"), List.of("f"));
    assertThat(questions.subList(0, 2)).extracting(q -> q.answer().getAsInt()).containsOnly(1);
    assertThat(questions.get(1).context()).isEqualTo("R");
    assertThat(questions.get(2).answer()).isEmpty();
    assertThat(questions).extracting(q -> q.origin().line()).containsExactly(1, 3, 5, 6);
    assertThat(questions).extracting(q -> q.origin().index()).containsExactly(0, 1, 2, 3);
    assertThatThrownBy(
            () ->
                read(
                    "{\"doc_id\": 7, \"context\": \"Q\", \"continuation\": \" a\", \"gold\": true}",
                    "{\"doc_id\": 7, \"context\": \"R\", \"continuation\": \" b\"}"))
        .hasMessageContaining("choices.jsonl:2: expected the context of the other requests");
    assertThatThrownBy(
            () ->
                read(
                    "{\"doc_id\": 7, \"context\": \"Q\", \"continuation\": \" a\"}",
                    "{\"doc_id\": 7, \"context\": \"Q\", \"continuation\": \" b\"}"))
        .hasMessageContaining("choices.jsonl:1: gold: expected which of the 2 choices is right");
  }
}
