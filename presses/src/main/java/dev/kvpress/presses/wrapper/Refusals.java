package dev.kvpress.presses.wrapper;

import com.google.errorprone.annotations.FormatMethod;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressSpec;
import dev.kvpress.presses.spec.PressSpecException;

/** What several wrappers refuse to wrap, said when the spec is read. */
final class Refusals {
  private Refusals() {}

  /** Says why in a message with parts, as in {@link String#format}. */
  @FormatMethod
  static PressSpecException refused(String reason, Object... parts) {
    return new PressSpecException(reason.formatted(parts));
  }

  /** A format whose parts were given one by one. */
  static CacheFormat format(PressArguments arguments, int bits, int group, int residual) {
    try {
      return new CacheFormat(bits, group, residual);
    } catch (IllegalArgumentException e) {
      throw refused("%s: %s", arguments.name(), String.valueOf(e.getMessage()));
    }
  }

  /** Refuses a press that goes on in decoding where the wrapper would leave that out. */
  static void requirePrefillOnly(PressArguments arguments) {
    NamedPress inner = arguments.press();
    if (inner.press().evictsWhileDecoding()) {
      throw refused(
          "%s works in the prefill, '%s' evicts in decoding too; say decoding=false in it, or write prefill_decoding(%s(…),%s)",
          arguments.name(), inner.spec(), arguments.name(), inner.spec());
    }
  }

  /** {@code lukv}: scorers that share the budget between layers by their own rule. */
  static ScorerPress ofLukv(PressArguments arguments) {
    ScorerPress scorer = arguments.scorer();
    if (scorer.leaves() == CacheShape.BY_LAYER) {
      throw refused(
          "lukv shares the budget between layers by its own curve, '%s' does so by its own rule; wrap a scorer that does not, for instance lukv(snapkv)",
          arguments.press().spec());
    }
    return scorer;
  }

  /** {@code merging}: presses that remove nothing, or write values themselves. */
  static Press ofMerging(PressArguments arguments) {
    NamedPress inner = arguments.press();
    Press press = arguments.layerPress();
    if (press.leaves() == CacheShape.WHOLE) {
      throw refused(
          "merging has nothing to merge, as '%s' removes no token; wrap one that does, for instance merging(knorm)",
          inner.spec());
    }
    if (press.replacesValues()) {
      throw refused(
          "merging writes the values that '%s' has written; leave one of both out", inner.spec());
    }
    return press;
  }

  /** {@code key_rerotation}: presses after which tokens have no common next position. */
  static Press ofKeyRerotation(PressArguments arguments) {
    NamedPress inner = arguments.press();
    Press press = arguments.layerPress();
    requirePrefillOnly(arguments);
    if (press.leaves() == CacheShape.WHOLE || press.movesTokens()) {
      throw refused(
          "key_rerotation closes the gaps that a press leaves, '%s' leaves none; wrap one that removes tokens, for instance key_rerotation(snapkv)",
          inner.spec());
    }
    if (press.leaves().isAtLeast(CacheShape.BY_LAYER)) {
      throw refused(
          "key_rerotation gives the next token one position in all layers and heads, but after '%s' %s; use it without, or wrap a scorer, for instance key_rerotation(snapkv)",
          inner.spec(), press.leaves().words());
    }
    return press;
  }

  /** {@code per_layer}: presses that set budgets themselves, or need layers of one length. */
  static Press ofPerLayer(PressArguments arguments) {
    if (!arguments.isGiven("compression_ratios")) {
      throw refused(
          "per_layer needs compression_ratios; write per_layer(%s,compression_ratios=[0.1,0.5,…])",
          arguments.press().spec());
    }
    Press press = arguments.layerPress();
    PressSpec inner = arguments.press().spec();
    if (press.budgetKind() == BudgetKind.OWN) {
      throw refused(
          "per_layer sets the budget of each layer, '%s' has its own; leave sizes and budgets out of it",
          inner);
    }
    if (press instanceof ScorerPress && press.leaves() == CacheShape.BY_LAYER) {
      throw refused(
          "per_layer sets the budget of each layer, which '%s' does too; wrap another scorer, for instance per_layer(snapkv,…)",
          inner);
    }
    if (press.movesTokens()) {
      throw refused(
          "per_layer leaves layers of different length, in which '%s' cannot give the next token one position; leave the key_rerotation out",
          inner);
    }
    requirePrefillOnly(arguments);
    return press;
  }

  /** Refuses a press with a size of its own, or one that cannot be asked in decoding. */
  static void requireDecoding(NamedPress inner, String wrapper) {
    if (inner.press().budgetKind() == BudgetKind.OWN) {
      throw refused(
          "%s sets the size itself, '%s' has its own; leave sizes and budgets out of it",
          wrapper, inner.spec());
    }
    if (!inner.press().phases().contains(Phase.DECODE)) {
      throw refused(
          "%s cuts in decoding, '%s' works in the prefill only; write prefill_decoding(%s,%s(…)) with another press in %s",
          wrapper, inner.spec(), inner.spec(), wrapper, wrapper);
    }
  }

  /** {@code dms}: scorers with budgets of their own, or whose score means nothing later. */
  static void ofDms(PressArguments arguments, boolean decoding) {
    NamedPress inner = arguments.press();
    ScorerPress scorer = arguments.scorer();
    if (scorer.budgetKind() == BudgetKind.OWN) {
      throw refused(
          "dms removes by its threshold alone; leave the budget or sizes out of '%s'",
          inner.spec());
    }
    if (scorer.scoresByBudget()) {
      throw refused(
          "dms has a threshold and no budget, on which the scores of '%s' depend; wrap a scorer that scores without (h2o, snapkv, knorm, random)",
          inner.spec());
    }
    if (!decoding && scorer.evictsWhileDecoding()) {
      throw refused(
          "dms judges in the prefill only, '%s' evicts in decoding too; say decoding in dms instead: dms(…,decoding=true)",
          inner.spec());
    }
    if (decoding && scorer.scoreTiming() == ScorerPress.ScoreTiming.CONTEXT) {
      throw refused(
          "dms: decoding=true does not work with '%s', whose score needs the other tokens of the cache or the last queries; use a scorer of observed attention or of single tokens (h2o, observed_attention, knorm, random, kvzap)",
          inner.spec());
    }
  }
}
