package dev.kvpress.compare.shape.choice;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Choice;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.Joints;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ChoiceShape;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Multiple choice of one's own: a question, perhaps a context, a list of choices, which one is
 * right. Parts are joined by one blank where neither brings white space. With a context, the right
 * choice is also the answer to a question that is asked freely.
 */
public final class Choices implements ChoiceShape, QuestionShape {
  private static final String CONTEXT = "context";
  private static final String QUESTION = "question";
  private static final String CHOICES = "choices";
  private static final String ANSWER = "answer";

  private static final ShapeCard CARD =
      ShapeCard.named("choices")
          .tasks("multiple_choice", "qa", "recall")
          .needs(ColumnType.TEXT, QUESTION, "query")
          .needs(ColumnType.TEXTS, CHOICES)
          .needs(ColumnType.LABEL, ANSWER, "gold", "label", "answerKey", "target")
          .takes(ColumnType.TEXT, CONTEXT)
          .prompt("context, question; the choices")
          .metric("acc, acc_norm")
          .from("the demo questions, files of one's own");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public ChoiceQuestion choice(List<Row> rows, int index) {
    Row row = rows.get(0);
    ImmutableList<String> choices = choices(row);
    String context = row.optional(CONTEXT).orElse("");
    String question = row.text(QUESTION);
    String prompt = Joints.join(context, question);
    if (prompt.isBlank()) {
      throw row.error("question: expected a text, found a blank one and no context");
    }
    String lead = prompt.substring(context.length());
    return ChoiceQuestion.of(
        row.origin(index),
        context,
        choices.stream()
            .map(c -> new Choice(lead, Joints.delimiter(prompt, c) + c, c.stripLeading()))
            .toList(),
        OptionalInt.of(gold(row, choices)));
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    ImmutableList<String> choices = choices(row);
    String right = choices.get(gold(row, choices));
    return Optional.of(
        Question.of(
            row.origin(index), row.nonBlank(CONTEXT), row.text(QUESTION), List.of(right.strip())));
  }

  private static int gold(Row row, List<String> choices) {
    int place = Gold.place(row, ANSWER, choices);
    JsonNode said = row.required(ANSWER);
    boolean numbers = row.required(CHOICES).path(0).isNumber() && said.isNumber();
    if (numbers && choices.contains(said.asText()) && choices.indexOf(said.asText()) != place) {
      throw row.error(
          "answer: %s is a choice and the index of another; write the choices as texts"
              .formatted(said));
    }
    return place;
  }

  private static ImmutableList<String> choices(Row row) {
    ImmutableList<String> choices = row.texts(CHOICES, row.required(CHOICES));
    if (choices.isEmpty()) {
      throw row.error("choices: expected a list of at least one text, found an empty one");
    }
    for (int i = 0; i < choices.size(); i++) {
      if (choices.get(i).isBlank()) {
        throw row.error("choice %d: expected a text, found a blank one".formatted(i));
      }
    }
    return choices;
  }
}
