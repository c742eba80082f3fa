package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressSpec;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.List;

/** What several wrappers refuse to wrap, said when the spec is read. */
final class Refusals {
  private Refusals() {}

  /** Refuses a press that goes on in decoding where the wrapper would leave that out. */
  static void requirePrefillOnly(PressArguments arguments) {
    NamedPress inner = arguments.press();
    if (inner.press().evictsWhileDecoding()) {
      throw new PressSpecException(
          "%s works in the prefill, '%s' evicts in decoding too; say decoding=false in it, or write prefill_decoding(%s(…),%s)"
              .formatted(arguments.name(), inner.spec(), arguments.name(), inner.spec()));
    }
  }

  /** {@code lukv}: scorers that share the budget between layers by their own rule. */
  static ScorerPress ofLukv(PressArguments arguments) {
    ScorerPress scorer = arguments.scorer();
    if (scorer.leaves() == CacheShape.BY_LAYER) {
      throw new PressSpecException(
          "lukv shares the budget between layers by its own curve, '%s' does so by its own rule; wrap a scorer that does not, for instance lukv(snapkv)"
              .formatted(arguments.press().spec()));
    }
    return scorer;
  }

  /** {@code merging}: presses that remove nothing, or write values themselves. */
  static Press ofMerging(PressArguments arguments) {
    NamedPress inner = arguments.press();
    Press press = arguments.layerPress();
    if (press.leaves() == CacheShape.WHOLE) {
      throw new PressSpecException(
          "merging has nothing to merge, as '%s' removes no token; wrap one that does, for instance merging(knorm)"
              .formatted(inner.spec()));
    }
    if (press.replacesValues()) {
      throw new PressSpecException(
          "merging writes the values that '%s' has written; leave one of both out"
              .formatted(inner.spec()));
    }
    return press;
  }

  /** {@code key_rerotation}: presses after which tokens have no common next position. */
  static Press ofKeyRerotation(PressArguments arguments) {
    NamedPress inner = arguments.press();
    Press press = arguments.layerPress();
    requirePrefillOnly(arguments);
    if (press.leaves() == CacheShape.WHOLE || press.movesTokens()) {
      throw new PressSpecException(
          "key_rerotation closes the gaps that a press leaves, '%s' leaves none; wrap one that removes tokens, for instance key_rerotation(snapkv)"
              .formatted(inner.spec()));
    }
    if (press.leaves().isAtLeast(CacheShape.BY_LAYER)) {
      throw new PressSpecException(
          "key_rerotation gives the next token one position in all layers and heads, but after '%s' %s; use it without, or wrap a scorer, for instance key_rerotation(snapkv)"
              .formatted(inner.spec(), press.leaves().words()));
    }
    return press;
  }

  /** {@code per_layer}: presses that set budgets themselves, or need layers of one length. */
  static Press ofPerLayer(PressArguments arguments) {
    if (!arguments.isGiven("compression_ratios")) {
      throw new PressSpecException(
          "per_layer needs compression_ratios; write per_layer(%s,compression_ratios=[0.1,0.5,…])"
              .formatted(arguments.press().spec()));
    }
    Press press = arguments.layerPress();
    PressSpec inner = arguments.press().spec();
    if (press.budgetKind() == BudgetKind.OWN) {
      throw new PressSpecException(
          "per_layer sets the budget of each layer, '%s' has its own; leave sizes and budgets out of it"
              .formatted(inner));
    }
    if (press instanceof ScorerPress && press.leaves() == CacheShape.BY_LAYER) {
      throw new PressSpecException(
          "per_layer sets the budget of each layer, which '%s' does too; wrap another scorer, for instance per_layer(snapkv,…)"
              .formatted(inner));
    }
    if (press.movesTokens()) {
      throw new PressSpecException(
          "per_layer leaves layers of different length, in which '%s' cannot give the next token one position; leave the key_rerotation out"
              .formatted(inner));
    }
    requirePrefillOnly(arguments);
    return press;
  }

  /** {@code prefill_decoding}: presses that do not work in their phase, or not after each other. */
  static void ofPrefillDecoding(PressArguments arguments) {
    if (arguments.presses().size() != 2) {
      throw new PressSpecException(
          "prefill_decoding wraps two presses, one for the prefill (or none) and one for decoding, found %d; write for instance prefill_decoding(knorm,decoding(knorm))"
              .formatted(arguments.presses().size()));
    }
    NamedPress prefill = arguments.presses().get(0);
    NamedPress decoding = arguments.presses().get(1);
    if (!decoding.press().evictsWhileDecoding() && !decoding.press().keepsAll()) {
      throw new PressSpecException(
          "the second press of prefill_decoding must evict in decoding, '%s' does not; write for instance decoding(%s)"
              .formatted(decoding.spec(), decoding.spec()));
    }
    if (!prefill.press().phases().contains(Phase.PREFILL)) {
      throw new PressSpecException("'%s' does not work in the prefill".formatted(prefill.spec()));
    }
    if (!decoding.press().accepts().isAtLeast(prefill.press().leaves())) {
      throw new PressSpecException(
          "in prefill_decoding '%s' can be asked only where %s, but after '%s' %s; take another press for the prefill, for instance streaming_llm"
              .formatted(
                  decoding.spec(),
                  decoding.press().accepts().words(),
                  prefill.spec(),
                  prefill.press().leaves().words()));
    }
    if (prefill.press().movesTokens() && decoding.press().needs().contains(new Signal.Rotary())) {
      throw new PressSpecException(
          "in prefill_decoding '%s' goes by the positions of the text, which '%s' changes; leave the key_rerotation out"
              .formatted(decoding.spec(), prefill.spec()));
    }
  }

  /** {@code composed}: presses that cannot follow those before them, or evict in decoding. */
  static List<ModelPress> ofComposed(PressArguments arguments) {
    CacheShape left = CacheShape.WHOLE;
    NamedPress moving = null;
    for (NamedPress inner : arguments.presses()) {
      if (moving != null) {
        throw new PressSpecException(
            "in composed '%s' moves tokens and must be the last, as others go by the positions of the text; put '%s' before it"
                .formatted(moving.spec(), inner.spec()));
      }
      moving = inner.press().movesTokens() ? inner : null;
      if (!inner.press().accepts().isAtLeast(left)) {
        throw new PressSpecException(
            "in composed '%s' can be asked only where %s, but after the presses before it %s; put it first"
                .formatted(inner.spec(), inner.press().accepts().words(), left.words()));
      }
      left = left.and(inner.press().leaves());
      if (inner.press().evictsWhileDecoding()) {
        throw new PressSpecException(
            "composed works in the prefill, '%s' evicts in decoding; write prefill_decoding(composed(…),%s)"
                .formatted(inner.spec(), inner.spec()));
      }
    }
    return arguments.presses().stream().map(NamedPress::press).toList();
  }

  static void requireDecoding(NamedPress inner, String wrapper) {
    if (inner.press().budgetKind() == BudgetKind.OWN) {
      throw new PressSpecException(
          "%s sets the size itself, '%s' has its own; leave sizes and budgets out of it"
              .formatted(wrapper, inner.spec()));
    }
    if (!inner.press().phases().contains(Phase.DECODE)) {
      throw new PressSpecException(
          "%s cuts in decoding, '%s' works in the prefill only; write prefill_decoding(%s,%s(…)) with another press in %s"
              .formatted(wrapper, inner.spec(), inner.spec(), wrapper, wrapper));
    }
  }

  /** {@code dms}: scorers with budgets of their own, or whose score means nothing later. */
  static void ofDms(PressArguments arguments, boolean decoding) {
    NamedPress inner = arguments.press();
    ScorerPress scorer = arguments.scorer();
    if (scorer.budgetKind() == BudgetKind.OWN) {
      throw new PressSpecException(
          "dms removes by its threshold alone; leave the budget or sizes out of '%s'"
              .formatted(inner.spec()));
    }
    if (scorer.scoresByBudget()) {
      throw new PressSpecException(
          "dms has a threshold and no budget, on which the scores of '%s' depend; wrap a scorer that scores without (h2o, snapkv, knorm, random)"
              .formatted(inner.spec()));
    }
    if (!decoding && scorer.evictsWhileDecoding()) {
      throw new PressSpecException(
          "dms judges in the prefill only, '%s' evicts in decoding too; say decoding in dms instead: dms(…,decoding=true)"
              .formatted(inner.spec()));
    }
    if (decoding && scorer.scoreTiming() == ScorerPress.ScoreTiming.CONTEXT) {
      throw new PressSpecException(
          "dms: decoding=true does not work with '%s', whose score needs the other tokens of the cache or the last queries; use a scorer of observed attention or of single tokens (h2o, observed_attention, knorm, random, kvzap)"
              .formatted(inner.spec()));
    }
  }
}
