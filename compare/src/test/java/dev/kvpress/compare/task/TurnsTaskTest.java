package dev.kvpress.compare.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.Ints;
import dev.kvpress.compare.prompt.DialogueTokens;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.shape.catalog.DataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions one after another on one compressed context. */
class TurnsTaskTest {
  @TempDir static Path cache;
  private static DemoModel model;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    model = new DemoModel(cache);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static TaskOptions options(int maxNewTokens) {
    return new TaskOptions(false, OptionalInt.of(maxNewTokens), 42);
  }

  @Test
  void theWholeCacheAnswersAllTurnsAndACutOneDoesNot() {
    for (TurnsTask task : List.of(TurnsTask.conversation(), TurnsTask.requests())) {
      List<CellOutcome> cells =
          model.run(task, DemoModel.data("dialogues.jsonl"), 2, options(3), 0.95, "streaming_llm");
      String accuracy = task.name() + "_accuracy";
      assertThat(DemoModel.mean(cells.get(0), accuracy)).isEqualTo(1);
      assertThat(DemoModel.mean(cells.get(1), accuracy)).isLessThan(0.6);
      SampleOutcome first = cells.get(1).samples().get(0);
      double byTurn = 0;
      for (int turn = 1; turn <= 4; turn++) {
        byTurn += first.figure(accuracy + "_" + turn).orElseThrow().sum();
      }
      assertThat(first.figure(accuracy).orElseThrow()).isEqualTo(new Figure(byTurn, 4));
      assertThat(first.figure(accuracy + "_5")).isEmpty();
      assertThat(first.answer().expected()).containsExactly("reed", "willow", "willow", "cream");
    }
  }

  /** What a conversation and single requests have read when a turn is answered. */
  @Tag("long")
  @Test
  void aConversationGoesOnWithTheRightAnswersAndRequestsStartAnew() {
    Path file = DemoModel.data("dialogues.jsonl");
    assertRead(TurnsTask.conversation(), file, true);
    assertRead(TurnsTask.requests(), file, false);
  }

  private void assertRead(TurnsTask task, Path file, boolean goesOn) {
    DialogueTokens tokens = tokens(file, goesOn);
    SampleOutcome outcome =
        model
            .run(task, file, 1, options(3), 0.5, "h2o(local_window_size=16)")
            .get(0)
            .samples()
            .get(0);
    List<String> texts = outcome.answer().text().orElseThrow().lines().toList();
    assertThat(texts).hasSize(4);
    int[] read = tokens.context().toArray();
    for (int turn = 0; turn < 4; turn++) {
      int[] own = tokens.turns().get(turn).toArray();
      String said = model.tokenizer().decode(own);
      assertThat(said.contains("reed. What does Mira")).isEqualTo(goesOn && turn == 1);
      int[] all = Ints.concat(read, own);
      assertThat(texts.get(turn)).isEqualTo(model.greedy(all, 3));
      read = goesOn ? all : read;
    }
  }

  private static DialogueTokens tokens(Path file, boolean goesOn) {
    return new PromptWriter(model.tokenizer(), TemplateChoice.RUNNING_TEXT, false)
        .dialogue(DataSource.of(file, "multi_turn").dialogues().next().orElseThrow(), goesOn);
  }

  @Test
  void aTurnCountsByTheMeasureOfItsDataSet() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("scbench_kv.jsonl"),
            """
            {"context": "Jonas fears the otter, and the snow is hidden.", "multi_turns": [\
            {"input": "What does Jonas fear? Jonas fears the", "answer": "ott"}, \
            {"input": "What does Jonas fear? Jonas fears the", "answer": "ott", "task": "other"}]}
            """);
    CellOutcome whole = model.run(TurnsTask.requests(), file, 1, options(4), 0.1, "knorm").get(0);
    // A part of a word is the value for SCBench, and no word for any other data.
    assertThat(DemoModel.mean(whole, "multi_request_accuracy_1")).isEqualTo(1);
    assertThat(DemoModel.mean(whole, "multi_request_accuracy_2")).isZero();
  }

  @Test
  void rowsThatCannotBeAskedAreNamed() throws Exception {
    assertRefused("[]", "multi_turns: expected a list of at least one turn, found an empty list");
    assertRefused("[1]", "multi_turns[0]: expected an object with input and answer");
    assertRefused("[{\"input\": \"q\"}]", ":1: multi_turns[0]: expected a value in column answer");
    assertRefused("[{\"input\": \"q\", \"answer\": \" \"}]", "not blank");
    assertRefused(
        "[{\"input\": \"q\", \"answer\": \"a\", \"task\": \"scbench_repoqa\"}]", "is not built");
    TaskOptions aware = new TaskOptions(true, OptionalInt.of(3), 42);
    assertThatThrownBy(
            () ->
                model.run(
                    TurnsTask.requests(),
                    DemoModel.data("dialogues.jsonl"),
                    1,
                    aware,
                    0.5,
                    "knorm"))
        .hasMessageContaining("--query-aware");
  }

  @Test
  void turnsThatNobodyCanGetRightAreNamed() throws Exception {
    String choice =
        "[{\"input\": \"q\", \"answer\": \"%s\", \"options\": [\"button\", \"apple\"]}]";
    assertRefused(
        choice.formatted("Z"),
        ":1: multi_turns[0]: answer: expected one of options or its letter, A to B, found 'Z'");
    assertRefused(choice.formatted("C"), "found 'C'");
    for (String right : List.of("B", "apple", " button")) {
      assertAsked(choice.formatted(right));
    }
    assertRefused(
        turns("!!!", "other"), ":1: multi_turns[0]: answer: expected a text with a letter");
    assertRefused(turns("seven", "scbench_mf"), "expected a number, found [seven] (math_find");
    assertRefused(turns("key", "scbench_passkey"), "expected digits alone, found [key]");
    assertRefused(turns("图书", "scbench_summary"), "expected a summary with a word of a–z");
    assertAsked(turns("7.5", "scbench_mf"));
    assertAsked(turns("0071", "scbench_passkey"));
  }

  private static String turns(String answer, String task) {
    return "[{\"input\": \"q\", \"answer\": \"%s\", \"task\": \"%s\"}]".formatted(answer, task);
  }

  private void assertAsked(String turns) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("good.jsonl"),
            "{\"context\": \"The otter is here.\", \"multi_turns\": %s}\n".formatted(turns));
    assertThat(model.run(TurnsTask.requests(), file, 1, options(1), 0.5, "knorm").get(0).samples())
        .hasSize(1);
  }

  private void assertRefused(String turns, String message) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("bad.jsonl"),
            "{\"context\": \"text\", \"multi_turns\": %s}\n".formatted(turns));
    assertThatThrownBy(() -> model.run(TurnsTask.requests(), file, 1, options(3), 0.5, "knorm"))
        .hasMessageContaining("bad.jsonl:1")
        .hasMessageContaining(message);
  }
}
