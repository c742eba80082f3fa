package dev.kvpress.presses.wrapper;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Judges each token once, when it leaves the sliding window: scores strictly below a threshold go.
 *
 * <p>In the prefill all tokens outside the window are judged; with {@code decoding} each later step
 * judges the tokens which leave the window in it. The window is the larger of {@code
 * sliding_window_size} and the tokens the scorer protects itself. Heads end up with different
 * lengths, some may be empty, and the cache really shrinks, where kvpress {@code dms_press.py}
 * masks. It is the inference rule only, not the trained evictor of the paper.
 *
 * <p>Sinks of a scorer stay too (kvzap's four), which kvpress judges like any other token.
 *
 * <p>Attention scorers, which kvpress cannot use here, are asked for their mean at the moment of
 * judgement; scores of single tokens do not change after arrival. Scores which need the other
 * tokens or the last queries mean something in the prefill only.
 */
public final class DmsPress implements Press {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("dms")
          .wraps("press")
          .with(
              Parameter.optionalNumber(
                  "threshold",
                  Double.NEGATIVE_INFINITY,
                  Double.POSITIVE_INFINITY,
                  "tokens that score below it go; has a default for some scorers"))
          .with(Parameter.integer("sliding_window_size", 128, 0, "last tokens that are safe"))
          .with(Parameter.flag("decoding", false, "go on judging in decoding"))
          .summary("Wraps a scorer: removes tokens below a threshold once they leave a window.")
          .source("DMS, arXiv 2506.05345; KVzap, arXiv 2601.07891; kvpress dms_press.py")
          .madeBy(DmsPress::of);

  private final ScorerPress scorer;
  private final float threshold;
  private final int window;
  private final boolean decoding;

  /**
   * Wraps a scorer.
   *
   * @param threshold lowest score that stays, in float as kvpress compares
   * @param slidingWindow last tokens that are safe, not negative
   * @param decoding whether to go on judging after the prefill
   * @throws IllegalArgumentException if the scorer's score means nothing in decoding
   */
  public DmsPress(ScorerPress scorer, double threshold, int slidingWindow, boolean decoding) {
    checkArgument(!Double.isNaN(threshold), "threshold must be a number");
    checkArgument(
        slidingWindow >= 0, "sliding_window_size must not be negative, found %s", slidingWindow);
    checkArgument(
        !decoding || scorer.scoreTiming() != ScorerPress.ScoreTiming.CONTEXT,
        "this scorer scores a token against the others, which decoding=true would judge one by one");
    this.scorer = scorer;
    this.threshold = (float) threshold;
    this.window = Math.max(slidingWindow, scorer.protectedTail());
    this.decoding = decoding;
  }

  private static DmsPress of(PressArguments arguments) {
    NamedPress inner = arguments.press();
    ScorerPress scorer = arguments.scorer();
    boolean decoding = arguments.flag("decoding");
    Refusals.ofDms(arguments, decoding);
    OptionalDouble given = arguments.optionalNumber("threshold");
    OptionalDouble threshold = given.isPresent() ? given : inner.descriptor().dmsThreshold();
    return new DmsPress(
        scorer,
        threshold.orElseThrow(
            () ->
                new PressSpecException(
                    "dms has no default threshold for %s; write dms(%s,threshold=…)"
                        .formatted(inner.descriptor().name(), inner.spec()))),
        arguments.integer("sliding_window_size"),
        decoding);
  }

  @Override
  public Optional<PressState> observe(LayerSignals layer) {
    return decoding ? scorer.observe(layer) : Optional.empty();
  }

  @Override
  public CacheEdit compress(LayerSignals signals, Budget budget) {
    if (signals.phase() == Phase.DECODE && !decoding) {
      return CacheEdit.none();
    }
    Optional<PressState> state = observe(signals);
    LayerSignals layer = state.map(signals::withState).orElse(signals);
    if (!judgesSomething(layer)) {
      return CacheEdit.none().remembering(state);
    }
    Scores scores = scorer.score(layer, Budget.FULL);
    scores.requireNumbers(layer);
    return CacheEdit.keep(layer, (b, g) -> judge(layer, scores, b, g)).remembering(state);
  }

  private boolean judgesSomething(LayerSignals layer) {
    for (int b = 0; b < layer.batch(); b++) {
      for (int g = 0; g < layer.kvHeads(); g++) {
        if (firstJudged(layer, b, g) < endJudged(layer, b, g)) {
          return true;
        }
      }
    }
    return false;
  }

  private int firstJudged(LayerSignals layer, int row, int kvHead) {
    return layer.phase() == Phase.PREFILL
        ? 0
        : layer.slotsBefore(row, kvHead, layer.tokensSeen(row) - layer.newTokens() - window);
  }

  private int endJudged(LayerSignals layer, int row, int kvHead) {
    return layer.slotsBefore(row, kvHead, layer.tokensSeen(row) - window);
  }

  private int[] judge(LayerSignals layer, Scores scores, int row, int kvHead) {
    int sinks = layer.slotsBefore(row, kvHead, scorer.protectedHead());
    int first = Math.max(sinks, firstJudged(layer, row, kvHead));
    int end = endJudged(layer, row, kvHead);
    int[] kept = new int[layer.length(row, kvHead)];
    int count = 0;
    for (int j = 0; j < kept.length; j++) {
      boolean judged = j >= first && j < end && !scores.isProtected(row, kvHead, j);
      if (!judged || scores.get(row, kvHead, j) >= threshold) {
        kept[count++] = j;
      }
    }
    return Arrays.copyOf(kept, count);
  }

  @Override
  public Set<Signal> needs() {
    return scorer.needs();
  }

  @Override
  public Set<Phase> phases() {
    return decoding ? EnumSet.allOf(Phase.class) : EnumSet.of(Phase.PREFILL);
  }

  @Override
  public boolean evictsWhileDecoding() {
    return decoding;
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.BY_HEAD;
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
