package dev.kvpress.compare.shape.choice;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.data.Choice;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ChoiceShape;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Sampling;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Requests for likelihoods, one a line: a context and a continuation. Consecutive lines of one
 * {@code doc_id} are one question, whose right choice is said by {@code gold}: true on its line, or
 * its index on any. Instead of {@code context} there may be a {@code prompt} that ends with the
 * continuation, as in the prompts of the H2O repository with these columns added.
 */
public final class RequestLines implements ChoiceShape {
  private static final String CONTEXT = "context";
  private static final String CONTINUATION = "continuation";
  private static final String PROMPT = "prompt";
  private static final String DOC = "doc_id";
  private static final String GOLD = "gold";

  private static final ShapeCard CARD =
      ShapeCard.named("lm-eval-requests")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, CONTINUATION)
          .takes(ColumnType.TEXT, CONTEXT)
          .takes(ColumnType.TEXT, PROMPT)
          .takes(ColumnType.LABEL, DOC)
          .takes(ColumnType.LABEL, GOLD)
          .ignores(Sampling.columns())
          .ignores("stop", "max_tokens", "task", "task_name")
          .prompt("context; continuation, untouched")
          .metric("acc, acc_norm, acc_bytes")
          .from("requests of lm-evaluation-harness, one a line");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<JsonNode> group(Row row) {
    return row.value(DOC);
  }

  @Override
  public ChoiceQuestion choice(List<Row> rows, int index) {
    List<String> contexts = rows.stream().map(RequestLines::context).toList();
    boolean varying = contexts.stream().distinct().count() > 1;
    boolean several = rows.stream().map(row -> row.text(CONTINUATION)).distinct().count() > 1;
    if (varying && several) {
      throw rows.get(1)
          .error(
              "expected the context of the other requests of its doc_id, or their continuation, found another of both; give each question a doc_id of its own");
    }
    List<Choice> choices = new ArrayList<>();
    OptionalInt answer = OptionalInt.empty();
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      String continuation = row.nonBlank(CONTINUATION);
      String text = continuation.startsWith(" ") ? continuation.substring(1) : continuation;
      choices.add(
          new Choice(
              varying ? contexts.get(i) : "", continuation, varying ? contexts.get(i) : text));
      OptionalInt said = gold(row, i, rows.size());
      if (said.isPresent() && answer.isPresent() && !said.equals(answer)) {
        throw row.error(
            "gold: expected one right choice, found %d and %d"
                .formatted(answer.getAsInt(), said.getAsInt()));
      }
      answer = said.isPresent() ? said : answer;
    }
    Row first = rows.get(0);
    if (rows.size() == 1
        && first.value(GOLD).filter(gold -> gold.isBoolean() && !gold.booleanValue()).isPresent()) {
      throw first.error(
          "gold: expected another line with the same doc_id whose continuation is right, found none behind this one; put the lines of a doc_id together");
    }
    if (answer.isEmpty() && rows.size() > 1) {
      throw first.error(
          "gold: expected which of the %d choices is right, found no line that says so; add gold: true to it"
              .formatted(rows.size()));
    }
    return ChoiceQuestion.of(first.origin(index), varying ? "" : contexts.get(0), choices, answer);
  }

  private static String context(Row row) {
    if (row.has(CONTEXT)) {
      return row.text(CONTEXT);
    }
    String prompt = row.text(PROMPT);
    String continuation = row.text(CONTINUATION);
    if (!prompt.endsWith(continuation)) {
      throw row.error(
          "expected a prompt that ends with its continuation, found another end; make both agree");
    }
    return prompt.substring(0, prompt.length() - continuation.length());
  }

  private static OptionalInt gold(Row row, int place, int choices) {
    Optional<JsonNode> gold = row.value(GOLD);
    if (gold.isEmpty() || gold.get().isBoolean()) {
      return gold.isPresent() && gold.get().booleanValue()
          ? OptionalInt.of(place)
          : OptionalInt.empty();
    }
    if (!gold.get().isInt()) {
      throw row.wrong(GOLD, "true, false or an index from 0", gold.get());
    }
    int index = gold.get().intValue();
    if (index < 0 || index >= choices) {
      throw row.error(
          "gold: expected a choice from 0 to %d, found %d".formatted(choices - 1, index));
    }
    return OptionalInt.of(index);
  }
}
