package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.kernel.SplitMix;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Cuts the cache in decoding as {@link DecodingPress} does and first adds the values of some tokens
 * that go to the {@code merge_budget} next ones that stay, in equal parts.
 *
 * <p>Of the tokens that go, as many as steps have passed since the last cut may be merged, highest
 * scores first. Each is merged with probability {@code min(1, A / mean A of those next ones)},
 * where A is the attention received from the last query of each decoding step. The heads of a layer
 * choose together, by the mean of their scores, while they hold the same tokens; each for itself
 * after a press that cut them differently, where kvpress {@code cam_press.py} averages the scores
 * of different tokens. Draws depend on seed, row, layer, head and position, where kvpress is
 * unseeded.
 */
public final class CamPress implements Press {
  private static final Parameter MERGE_BUDGET =
      Parameter.integer("merge_budget", 32, 1, "next tokens that share a merged value");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("cam")
          .wraps("base_press")
          .with(DecodingPress.INTERVAL)
          .with(DecodingPress.TARGET)
          .with(MERGE_BUDGET)
          .with(Parameter.integer("seed", 42, Integer.MIN_VALUE, "start of the random draws"))
          .summary("Wraps a scorer: cuts in decoding, merging values that go into the next ones.")
          .source("CaM, ICML 2024, openreview.net/forum?id=LCTmppB165; kvpress cam_press.py")
          .madeBy(CamPress::of);

  private final ScorerPress scorer;
  private final int interval;
  private final int target;
  private final int mergeBudget;
  private final long seed;

  /**
   * Wraps a scorer.
   *
   * @param interval steps from one cut to the next, at least 1
   * @param target tokens kept at each cut, at least 1
   * @param mergeBudget next tokens that share a merged value, at least 1
   * @param seed start of the random draws
   */
  public CamPress(ScorerPress scorer, int interval, int target, int mergeBudget, long seed) {
    this.scorer = scorer;
    this.interval = DecodingPress.INTERVAL.checked(interval);
    this.target = DecodingPress.TARGET.checked(target);
    this.mergeBudget = MERGE_BUDGET.checked(mergeBudget);
    this.seed = seed;
  }

  private static CamPress of(PressArguments arguments) {
    ScorerPress scorer = arguments.scorer();
    Refusals.requireDecoding(arguments.press(), "cam");
    return new CamPress(
        scorer,
        arguments.integer(DecodingPress.INTERVAL),
        arguments.integer(DecodingPress.TARGET),
        arguments.integer(MERGE_BUDGET),
        arguments.integer("seed"));
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    if (layer.phase() == Phase.PREFILL) {
      return CacheEdit.none().remembering(observe(layer));
    }
    LayerSignals inner = StepAttention.before(layer).map(layer::withState).orElse(layer);
    StepAttention attention = StepAttention.after(layer, scorer.observe(inner));
    boolean due =
        layer.maxLength() > target
            && (attention.steps() >= interval || layer.newTokens() >= target);
    return due
        ? cut(layer, attention).withState(attention.withoutSteps())
        : CacheEdit.none().withState(attention);
  }

  /** What its state is called in files. */
  public static final String STATE = StepAttention.KIND;

  /**
   * Its state out of a file.
   *
   * @throws IllegalArgumentException naming what is wrong with it
   */
  public static PressState restored(SavedState saved, LayerLedger ledger) {
    return StepAttention.restored(saved, ledger);
  }

  @Override
  public Optional<PressState> observe(LayerSignals layer) {
    return scorer.observe(layer).map(StepAttention::beforeAnyStep);
  }

  private CacheEdit cut(LayerSignals signals, StepAttention attention) {
    LayerSignals layer = attention.inner().map(signals::withState).orElse(signals);
    Scores own = scorer.score(layer, Budget.tokens(target));
    own.requireNumbers(layer);
    Scores scores = own.withFiniteProtection();
    int[][] kept = new int[layer.batch() * layer.kvHeads()][];
    for (int b = 0; b < layer.batch(); b++) {
      if (layer.holdsSameTokens(b)) {
        average(scores, b);
      }
      for (int g = 0; g < layer.kvHeads(); g++) {
        kept[b * layer.kvHeads() + g] = scores.top(b, g, Math.min(layer.length(b, g), target));
      }
    }
    KeptSlots slots = new KeptSlots(layer.batch(), layer.kvHeads(), kept);
    ValueSums values = new ValueSums(layer, slots);
    for (int head = 0; head < kept.length; head++) {
      int row = head / layer.kvHeads();
      int kvHead = head % layer.kvHeads();
      int candidates = Math.min(layer.length(row, kvHead), kept[head].length + attention.steps());
      int next = 0;
      for (int slot : scores.top(row, kvHead, candidates)) {
        if (next < kept[head].length && kept[head][next] == slot) {
          next++;
        } else {
          merge(layer, attention, values, head, kept[head], slot, next);
        }
      }
    }
    return CacheEdit.keep(slots).withValues(values.sums());
  }

  private static void average(Scores scores, int row) {
    for (int j = 0; j < scores.length(row, 0); j++) {
      double sum = 0;
      for (int g = 0; g < scores.kvHeads(); g++) {
        sum += scores.get(row, g, j);
      }
      for (int g = 0; g < scores.kvHeads(); g++) {
        scores.set(row, g, j, (float) (sum / scores.kvHeads()));
      }
    }
  }

  /** Adds the value of a slot that goes to the kept ones from {@code first} on, or does not. */
  private void merge(
      LayerSignals layer,
      StepAttention attention,
      ValueSums values,
      int head,
      int[] kept,
      int slot,
      int first) {
    int end = (int) Math.min(kept.length, (long) first + mergeBudget);
    double sum = 0;
    for (int i = first; i < end; i++) {
      sum += attention.of(head, kept[i]);
    }
    double mean = sum / (end - first);
    int row = head / layer.kvHeads();
    int kvHead = head % layer.kvHeads();
    long place = SplitMix.mix(SplitMix.mix(SplitMix.mix(SplitMix.mix(seed) + row) + layer.layer()));
    float draw =
        SplitMix.uniform(
            SplitMix.mix(SplitMix.mix(place + kvHead) + layer.position(row, kvHead, slot)));
    // Nothing over nothing is no reason to merge; the comparison says no to NaN.
    if (draw < attention.of(head, slot) / mean) {
      for (int i = first; i < end; i++) {
        values.add(row, kvHead, slot, i, 1f / (end - first));
      }
    }
  }

  @Override
  public Set<Signal> needs() {
    return Signal.union(List.of(scorer.needs(), Set.of(new Signal.AttentionRows(1))));
  }

  @Override
  public Set<Phase> phases() {
    return EnumSet.allOf(Phase.class);
  }

  @Override
  public boolean evictsWhileDecoding() {
    return true;
  }

  @Override
  public boolean replacesValues() {
    return true;
  }

  @Override
  public Optional<CacheFormat> cacheFormat() {
    return scorer.cacheFormat();
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.OWN;
  }
}
