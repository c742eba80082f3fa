package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.Optional;
import java.util.Set;

/**
 * H2O's choice in the prefill with more heavy hitters for lower layers, in a cache of 2 bits
 * (MiniKV, arXiv 2411.18077): the most recent tokens and, of the older ones, those whose column
 * sums are largest. They stay for good; tokens generated later are not evicted.
 *
 * <p>Of what may stay one half is recent and one half heavy, or both follow ratios of their own to
 * the tokens of the prompt. Recent tokens are as many in every layer; heavy ones fall linearly from
 * {@code 2h − h/7} in the first layer to {@code h/7} in the last, h the mean. Where the first layer
 * has not so many tokens, the slope is as steep as it can be and the mean the same.
 *
 * <p>Differences: its code lets layers whose sizes exceed the prompt keep all, so that the mean is
 * missed; it counts the tokens in full from the end of the prompt on, here the most recent ones are
 * in full whether they were read or generated; with grouped-query attention a KV head counts the
 * mean over its query heads.
 */
public final class MiniKvPress extends ScorerPress {
  private static final String HEAVY_RATIO = "heavy_ratio";
  private static final String RECENT_RATIO = "recent_ratio";

  private static final Parameter PYRAMID =
      Parameter.flag("pyramid", true, "more heavy hitters for lower layers, else as many for all");

  private static final Parameter BITS =
      Parameter.integer("bits", 2, 2, "bits per number: 8, 4 or 2");

  private static final Parameter GROUP =
      Parameter.integer("group_size", 16, 1, "tokens or channels that share a scale");

  private static final Parameter RESIDUAL =
      Parameter.integer("residual_length", 128, 0, "most recent tokens left in full");

  /** The mean number of heavy hitters over that of the last layer. */
  private static final double SLOPE = 7;

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("minikv")
          .with(PYRAMID)
          .with(BITS)
          .with(GROUP)
          .with(RESIDUAL)
          .with(Parameter.optionalNumber(HEAVY_RATIO, 0, 1, "own size: heavy hitters per token"))
          .with(Parameter.optionalNumber(RECENT_RATIO, 0, 1, "own size: recent tokens per token"))
          .alternative(HEAVY_RATIO, RECENT_RATIO)
          .summary("Heavy hitters and a recent window, fewer in higher layers, in 2 bits.")
          .source("MiniKV, arXiv 2411.18077")
          .madeBy(MiniKvPress::of);

  private final boolean pyramid;
  private final CacheFormat format;
  private final Optional<Budget.HeavyRecentRatios> own;

  /**
   * Takes the settings.
   *
   * @param pyramid whether lower layers keep more heavy hitters than higher ones
   * @param format of the cache
   * @param own shares of the prompt that stay whatever the budget; empty: half of the budget each
   */
  public MiniKvPress(boolean pyramid, CacheFormat format, Optional<Budget.HeavyRecentRatios> own) {
    this.pyramid = pyramid;
    this.format = format;
    this.own = own;
  }

  private static MiniKvPress of(PressArguments arguments) {
    Optional<Budget.HeavyRecentRatios> own = Optional.empty();
    if (arguments.isGiven(HEAVY_RATIO)) {
      own =
          Optional.of(
              new Budget.HeavyRecentRatios(
                  arguments.number(HEAVY_RATIO), arguments.number(RECENT_RATIO)));
    }
    return new MiniKvPress(arguments.flag("pyramid"), format(arguments), own);
  }

  private static CacheFormat format(PressArguments arguments) {
    try {
      return new CacheFormat(
          arguments.integer(BITS), arguments.integer(GROUP), arguments.integer(RESIDUAL));
    } catch (IllegalArgumentException e) {
      throw new PressSpecException(arguments.name() + ": " + e.getMessage());
    }
  }

  @Override
  public Optional<CacheFormat> cacheFormat() {
    return Optional.of(format);
  }

  @Override
  protected Budget effective(LayerSignals layer, Budget budget) {
    return own.<Budget>map(ratios -> ratios).orElse(budget);
  }

  @Override
  public int grantedTokens(LayerSignals layer, Budget budget, int row, int kvHead) {
    int length = layer.length(row, kvHead);
    if (length == 0 || effective(layer, budget).keepsAll()) {
      return length;
    }
    Sizes sizes = sizes(effective(layer, budget), length);
    int heavy = heavy(sizes, length, layer.layer(), layer.layers());
    return Math.max(1, Math.min(length, sizes.recent + heavy));
  }

  /** Tokens of a layer: recent ones, and heavy ones in the mean over the layers. */
  private record Sizes(int recent, double meanHeavy) {}

  private static Sizes sizes(Budget budget, int tokens) {
    if (budget instanceof Budget.HeavyRecentRatios ratios) {
      return new Sizes(ratios.recentOf(tokens), tokens * ratios.heavyRatio());
    }
    if (budget instanceof Budget.HeavyRecent counts) {
      return new Sizes(Math.min(tokens, counts.recent()), counts.heavy());
    }
    int kept = budget.keptOf(tokens);
    return new Sizes(kept / 2, kept - kept / 2);
  }

  /** Heavy hitters of one layer, rounded down as the original does. */
  private int heavy(Sizes sizes, int tokens, int layer, int layers) {
    double mean = Math.min(sizes.meanHeavy, tokens - sizes.recent);
    if (!pyramid || layers == 1) {
      return (int) mean;
    }
    double least = mean / SLOPE;
    double most = Math.min(2 * mean - least, tokens - sizes.recent);
    least = 2 * mean - most;
    return (int) (most + (least - most) * layer / (layers - 1));
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    return Scores.of(
        layer,
        (scores, b, g) -> {
          int length = layer.length(b, g);
          scores.setHead(b, g, AttentionReceived.of(layer, b, g, false));
          int recent = sizes(effective(layer, budget), length).recent;
          scores.protect(b, g, length - recent, length);
        });
  }

  @Override
  public boolean scoresByBudget() {
    return true;
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.AttentionSums());
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }

  @Override
  public CacheShape leaves() {
    return pyramid ? CacheShape.BY_LAYER : CacheShape.SAME_LENGTH;
  }

  @Override
  public BudgetKind budgetKind() {
    return own.isPresent() ? BudgetKind.OWN : BudgetKind.GRANULAR;
  }

  @Override
  public ScoreTiming scoreTiming() {
    return ScoreTiming.OBSERVED;
  }
}
