package dev.kvpress.compare.cli;

import dev.kvpress.compare.run.CellPlan.Method;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.StopReason;
import dev.kvpress.runtime.decode.TokenResult;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.Limits;
import dev.kvpress.runtime.generate.Usage;
import java.util.Optional;

/** What is to be said of one cut, and of a text that goes on behind it, where it went otherwise. */
final class CutRemarks {
  private CutRemarks() {}

  /**
   * For a cut that has removed nothing where one would expect it to.
   *
   * @param budget what the press was given
   * @param tokens of the context
   */
  static Optional<String> removedNothing(Method method, Budget budget, int tokens) {
    ModelPress press = method.press().press();
    if (press.keepsAll() || !press.phases().contains(Phase.PREFILL)) {
      return Optional.empty();
    }
    if (press.budgetKind() != BudgetKind.OWN) {
      return budget.keepsAll()
          ? Optional.empty()
          : Optional.of(
              "press '%s' removed nothing although %s was asked for; the context of %d tokens is too short or the budget too large for it"
                  .formatted(method.typed(), budget.describe(), tokens));
    }
    // Some take channels or bits and no tokens; others wait for what is decoded.
    return press.leaves() == CacheShape.WHOLE || press.evictsWhileDecoding()
        ? Optional.empty()
        : Optional.of(
            "press '%s' removed no token; its threshold or sizes do not touch a context of %d tokens"
                .formatted(method.typed(), tokens));
  }

  /** The same for a text that went on behind its prompt. */
  static Optional<String> removedNothing(Method method, Budget budget, Generation text) {
    Usage usage = text.usage();
    long ofToken = usage.seenTokens() / usage.promptTokens();
    // The first token takes no step; an end token takes one and is no part of the text.
    int steps = usage.generatedTokens() + (text.end().isPresent() ? 1 : 0) - 1;
    long passed = usage.seenTokens() + ofToken * Math.max(0, steps);
    return usage.finalKeptTokens() < passed
        ? Optional.empty()
        : removedNothing(method, budget, usage.promptTokens());
  }

  /**
   * For a text that ends sooner than it might.
   *
   * @param limits what was asked for
   */
  static Optional<String> ended(DecoderModel model, Generation text, Limits limits) {
    int tokens = text.usage().generatedTokens();
    return switch (text.reason()) {
      case END_TOKEN, STOP, MAX_TOKENS -> Optional.empty();
      case MAX_POSITIONS -> Optional.of(outOfPositions(model, tokens, limits.maxTokens()));
      case TIME_LIMIT ->
          Optional.of(
              "the text ends after %,d of %,d new tokens, since the time of %s s is over"
                  .formatted(
                      tokens,
                      limits.maxTokens(),
                      limits.time().map(time -> time.toMillis() / 1e3).orElseThrow()));
      case CANCELLED ->
          Optional.of(
              "the text ends after %,d of %,d new tokens, since it was stopped"
                  .formatted(tokens, limits.maxTokens()));
    };
  }

  /**
   * For a text that ends because the model has no position left.
   *
   * @param asked new tokens that there might have been
   */
  static Optional<String> outOfPositions(DecoderModel model, TokenResult result, int asked) {
    return result.stopReason() == StopReason.MAX_POSITIONS
        ? Optional.of(outOfPositions(model, result.ids().length(), asked))
        : Optional.empty();
  }

  private static String outOfPositions(DecoderModel model, int tokens, int asked) {
    return "the text ends after %,d of %,d new tokens, since the %,d positions of model %s are all taken"
        .formatted(
            tokens,
            asked,
            model.info().maxPositions().orElse(Integer.MAX_VALUE),
            model.info().name());
  }
}
