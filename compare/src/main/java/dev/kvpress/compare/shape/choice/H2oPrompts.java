package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ChoiceShape;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Sampling;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;

/**
 * Prompts of the H2O repository's harness scripts ({@code best_of}, {@code echo}, {@code logprobs},
 * {@code prompt}). Such a file tells neither where a continuation begins, nor which lines belong to
 * one question, nor which choice is right, so each line has a loss only.
 */
public final class H2oPrompts implements ChoiceShape {
  private static final String PROMPT = "prompt";

  private static final ShapeCard CARD =
      ShapeCard.named("h2o-prompts")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, PROMPT)
          .needs(ColumnType.LABEL, "echo")
          .ignores(Sampling.columns())
          .ignores("stop", "max_tokens")
          .prompt("the prompt; its last quarter is scored")
          .metric("choice_nll")
          .from("H2O repository (harness prompts without answers)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public ChoiceQuestion choice(List<Row> rows, int index) {
    Row row = rows.get(0);
    return ChoiceQuestion.unmarked(row.origin(index), row.nonBlank(PROMPT));
  }
}
