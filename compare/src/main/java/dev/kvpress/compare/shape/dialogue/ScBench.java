package dev.kvpress.compare.shape.dialogue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Dialogue;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.metric.official.OfficialScores;
import dev.kvpress.compare.metric.official.ScBenchScore;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.DialogueShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * SCBench's files: a context and turns of {@code input} and {@code answer}, some with four {@code
 * options}. What a row is of is said by its turns ({@code task}), by itself, or by the name of its
 * file.
 */
public final class ScBench implements DialogueShape {
  private static final String CONTEXT = "context";
  private static final String TURNS = "multi_turns";
  private static final String TASK = "task";
  private static final String INPUT = "input";
  private static final String ANSWER = "answer";
  private static final String OPTIONS = "options";
  private static final String REPOSITORY_QA = "scbench_repoqa";

  private static final ShapeCard CARD =
      ShapeCard.named("scbench")
          .tasks("multi_turn", "multi_request")
          .needs(ColumnType.TEXT, CONTEXT, INPUT)
          .needs(ColumnType.LIST, TURNS)
          .takes(ColumnType.TEXT, TASK)
          .ignores("lang", "repo", "functions", "length")
          .prompt(
              "context, then each input with its options behind letters; SCBench's own instructions are not added")
          .metric("scbench_score by the task of turn, row or file, else string_match; by turn")
          .from("SCBench (microsoft/SCBench)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Dialogue dialogue(Row row, int index) {
    JsonNode turns = row.required(TURNS);
    if (!turns.isArray() || turns.isEmpty()) {
      throw row.wrong(TURNS, "a list of at least one turn", turns);
    }
    Optional<String> task = row.optional(TASK).or(() -> taskOf(row.source()));
    List<Dialogue.Turn> all = new ArrayList<>();
    for (int i = 0; i < turns.size(); i++) {
      all.add(turn(row, turns.get(i), TURNS + "[" + i + "]", task));
    }
    return new Dialogue(row.origin(index), row.nonBlank(CONTEXT), all);
  }

  private static Dialogue.Turn turn(
      Row row, JsonNode turn, String place, Optional<String> taskOfRow) {
    if (!(turn instanceof ObjectNode fields)) {
      throw row.wrong(place, "an object with input and answer", turn);
    }
    Row own = row.within(place, fields);
    Optional<String> task = own.optional(TASK).or(() -> taskOfRow);
    if (task.filter(REPOSITORY_QA::equals).isPresent()) {
      throw own.error(
          "turns of %s are scored by the function that is most alike among all of the repository, which is not built; leave these rows out"
              .formatted(REPOSITORY_QA));
    }
    ImmutableList<String> answers = own.texts(ANSWER, own.required(ANSWER));
    if (answers.stream().allMatch(String::isBlank)) {
      throw own.error("answer: expected a text that is not blank, found none; leave the row out");
    }
    List<String> options = own.texts(OPTIONS);
    requireAmong(options, answers, own);
    return new Dialogue.Turn(own.nonBlank(INPUT) + options(options), answers, task);
  }

  /** A right choice that is not offered could never be made. */
  private static void requireAmong(List<String> options, List<String> answers, Row turn) {
    boolean offered =
        IntStream.range(0, options.size())
            .boxed()
            .flatMap(i -> Stream.of(letter(i), options.get(i).strip()))
            .anyMatch(option -> answers.stream().map(String::strip).anyMatch(option::equals));
    if (!options.isEmpty() && !offered) {
      throw turn.error(
          "answer: expected one of options or its letter, A to %s, found '%s'; leave the row out"
              .formatted(letter(options.size() - 1), String.join("', '", answers)));
    }
  }

  private static String letter(int option) {
    return String.valueOf((char) ('A' + option));
  }

  private static String options(List<String> options) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < options.size(); i++) {
      text.append('\n').append(letter(i)).append(". ").append(options.get(i));
    }
    return text.toString();
  }

  /** The benchmark's files are named for its tasks; most of their rows do not name them. */
  private static Optional<String> taskOf(String source) {
    String file = String.valueOf(Path.of(source).getFileName());
    int dot = file.indexOf('.');
    return Optional.of(dot < 0 ? file : file.substring(0, dot))
        .filter(
            name ->
                name.equals(REPOSITORY_QA)
                    || OfficialScores.of(name).stream()
                        .anyMatch(entry -> entry.score() instanceof ScBenchScore));
  }
}
