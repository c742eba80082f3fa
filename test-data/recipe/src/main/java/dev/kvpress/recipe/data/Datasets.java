package dev.kvpress.recipe.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.RecallTask;
import dev.kvpress.recipe.text.RecallTask.Example;
import dev.kvpress.recipe.text.Texts;
import dev.kvpress.recipe.text.Texts.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Writes the shipped data sets from the test split, as JSON lines. */
public final class Datasets {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int STORIES = 40;
  private static final int STORY_MIN_TOKENS = 2200;
  private static final int STORY_MAX_TOKENS = 2800;
  private static final int RECALL_ROUNDS = 3;
  private static final int RECALL_TOKENS = 1900;
  private static final int QUESTIONS = 60;
  private static final int QUESTION_TOKENS = 1600;
  private static final int CHOICES = 4;
  private static final int SUMMARIES = 40;
  private static final int SUMMARY_LENGTH = 900;

  private final Texts texts = new Texts();
  private final Bpe bpe;

  /** Data sets whose lengths are counted by {@code bpe}. */
  public Datasets(Bpe bpe) {
    this.bpe = bpe;
  }

  /** Writes all files into a folder. */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    write(folder.resolve("stories.jsonl"), stories());
    write(folder.resolve("recall.jsonl"), recall(false));
    write(folder.resolve("recall-multivalue.jsonl"), recall(true));
    write(folder.resolve("dialogues.jsonl"), Dialogues.of(recall(false)));
    write(folder.resolve("questions.jsonl"), questions());
    write(folder.resolve("summaries.jsonl"), summaries());
  }

  /** Long stories: {@code text}. */
  List<ObjectNode> stories() {
    List<ObjectNode> rows = new ArrayList<>();
    for (int number = 0; rows.size() < STORIES; number++) {
      // Words and marks are fewer than tokens; what falls outside the range is passed over.
      String text = texts.document(Split.TEST, Kind.STORY, number, 2150).text();
      int tokens = bpe.encode(text).length;
      if (tokens >= STORY_MIN_TOKENS && tokens <= STORY_MAX_TOKENS) {
        rows.add(JSON.createObjectNode().put("text", text));
      }
    }
    return rows;
  }

  /**
   * Retrieval: {@code context}, {@code question}, {@code answer}, {@code task}, {@code depth},
   * {@code rehearsed}. Tasks and depths alternate, so that every prefix of the file is mixed.
   *
   * @param severalValues whether of questions for two values, which the demo model never learnt to
   *     answer, or of all others
   */
  List<ObjectNode> recall(boolean severalValues) {
    RecallTask task = new RecallTask(texts, text -> bpe.encode(text).length);
    List<ObjectNode> rows = new ArrayList<>();
    for (int round = 0; round < RECALL_ROUNDS; round++) {
      for (int i = 0; i < 11; i++) {
        for (RecallTask.Kind kind : RecallTask.Kind.values()) {
          if (severalValues != (kind == RecallTask.Kind.MULTI_VALUE)) {
            continue;
          }
          // Steps of 70 % visit every tenth once before any comes back.
          int depth = (i * 7 + kind.ordinal() * 3) % 11 * 10;
          Example example = task.example(Split.TEST, kind, round, depth, RECALL_TOKENS);
          rows.add(
              JSON.createObjectNode()
                  .put("context", example.context())
                  .put("question", example.question())
                  .put("answer", example.answer())
                  .put("task", kind.label())
                  .put("depth", depth)
                  .put("rehearsed", example.rehearsed()));
        }
      }
    }
    return rows;
  }

  /**
   * Multiple choice: {@code context}, {@code question}, {@code choices}, {@code answer} (index).
   */
  List<ObjectNode> questions() {
    RecallTask task = new RecallTask(texts, text -> bpe.encode(text).length);
    List<ObjectNode> rows = new ArrayList<>();
    for (int number = 1000; rows.size() < QUESTIONS; number++) {
      int depth = number % 11 * 10;
      Example example =
          task.example(Split.TEST, RecallTask.Kind.MULTI_KEY, number, depth, QUESTION_TOKENS);
      List<String> wrong =
          example.rivals().stream()
              .distinct()
              .filter(value -> !value.equals(example.answer()))
              .limit(CHOICES - 1)
              .toList();
      if (wrong.size() == CHOICES - 1) {
        List<String> choices = new ArrayList<>(wrong);
        choices.add(example.answer());
        Collections.shuffle(choices, new Random(number));
        ObjectNode row = JSON.createObjectNode();
        row.put("context", example.context()).put("question", example.question());
        choices.forEach(row.putArray("choices")::add);
        rows.add(row.put("answer", choices.indexOf(example.answer())));
      }
    }
    return rows;
  }

  /** Summaries: {@code article}, {@code summary_gt}. */
  List<ObjectNode> summaries() {
    List<ObjectNode> rows = new ArrayList<>();
    for (int number = 0; number < SUMMARIES; number++) {
      Texts.Summary summary = texts.summary(Split.TEST, number, SUMMARY_LENGTH);
      rows.add(
          JSON.createObjectNode()
              .put("article", summary.article())
              .put("summary_gt", summary.summary()));
    }
    return rows;
  }

  private static void write(Path file, List<ObjectNode> rows) throws IOException {
    StringBuilder out = new StringBuilder();
    for (ObjectNode row : rows) {
      out.append(JSON.writeValueAsString(row)).append('\n');
    }
    Files.writeString(file, out);
  }
}
