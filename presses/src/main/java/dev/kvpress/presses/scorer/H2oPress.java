package dev.kvpress.presses.scorer;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Optional;
import java.util.Set;

/**
 * Heavy-Hitter Oracle: keeps a window of the most recent tokens and, of the older ones, those which
 * have received the most attention (arXiv 2306.14048, algorithm 1).
 *
 * <p>Three ways to use it: once after the prefill; with {@code decoding=true} after every step,
 * down to the budget of the tokens seen; or with sizes of its own, {@code hh_size} and {@code
 * recent_size} (the real drop of the H2O repository) or their ratios to the tokens seen. A window
 * at least as large as the budget keeps exactly the budget, the most recent tokens.
 *
 * <p>Differences: the paper sums, kvpress takes the mean over the queries that see the token, which
 * {@code normalize} chooses; with grouped-query attention, which the H2O repository lacks, a KV
 * head counts the mean over its query heads.
 */
public final class H2oPress extends ScorerPress {
  private static final String LOCAL_WINDOW = "local_window_size";
  private static final String HEAVY_SIZE = "hh_size";
  private static final String RECENT_SIZE = "recent_size";
  private static final String HEAVY_RATIO = "heavy_ratio";
  private static final String RECENT_RATIO = "recent_ratio";

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("h2o")
          .with(Parameter.integer(LOCAL_WINDOW, 512, 0, "most recent tokens that always stay"))
          .with(
              Parameter.flag(
                  "normalize", true, "mean over the queries that see a token, not the sum"))
          .with(
              Parameter.optionalFlag(
                  "decoding", "evict after each decoding step; true with own sizes, else false"))
          .with(Parameter.optionalInteger(HEAVY_SIZE, 0, "own size: heavy hitters kept"))
          .with(Parameter.optionalInteger(RECENT_SIZE, 0, "own size: most recent tokens kept"))
          .with(Parameter.optionalNumber(HEAVY_RATIO, 0, 1, "own size: heavy hitters per token"))
          .with(Parameter.optionalNumber(RECENT_RATIO, 0, 1, "own size: recent tokens per token"))
          .alternative(LOCAL_WINDOW)
          .alternative(HEAVY_SIZE, RECENT_SIZE)
          .alternative(HEAVY_RATIO, RECENT_RATIO)
          .summary("Keeps the most recent tokens and the heavy hitters of attention before them.")
          .source("H2O, arXiv 2306.14048")
          .dmsThreshold(0.0005)
          .madeBy(H2oPress::of);

  private final int localWindow;
  private final boolean normalize;
  private final boolean decoding;
  private final Optional<Budget> ownSizes;

  /**
   * A press that follows the budget it is given.
   *
   * @param localWindow most recent tokens that always stay, not negative
   * @param normalize mean over the queries that see a token instead of the sum
   * @param decoding whether to evict after each decoding step
   */
  public H2oPress(int localWindow, boolean normalize, boolean decoding) {
    this(localWindow, normalize, decoding, Optional.empty());
  }

  private H2oPress(
      int localWindow, boolean normalize, boolean decoding, Optional<Budget> ownSizes) {
    checkArgument(
        localWindow >= 0, "local_window_size must not be negative, found %s", localWindow);
    this.localWindow = localWindow;
    this.normalize = normalize;
    this.decoding = decoding;
    this.ownSizes = ownSizes;
  }

  /** A press with fixed sizes, whatever budget it is given. */
  public static H2oPress ofSizes(Budget.HeavyRecent sizes, boolean normalize, boolean decoding) {
    return new H2oPress(sizes.recent(), normalize, decoding, Optional.of(sizes));
  }

  /** A press with sizes that grow with the tokens seen, whatever budget it is given. */
  public static H2oPress ofRatios(
      Budget.HeavyRecentRatios ratios, boolean normalize, boolean decoding) {
    return new H2oPress(0, normalize, decoding, Optional.of(ratios));
  }

  private static H2oPress of(PressArguments arguments) {
    boolean normalize = arguments.flag("normalize");
    Optional<Boolean> decoding = arguments.optionalFlag("decoding");
    if (arguments.isGiven(HEAVY_SIZE)) {
      Budget.HeavyRecent sizes =
          new Budget.HeavyRecent(arguments.integer(HEAVY_SIZE), arguments.integer(RECENT_SIZE));
      return ofSizes(sizes, normalize, decoding.orElse(true));
    }
    if (arguments.isGiven(HEAVY_RATIO)) {
      Budget.HeavyRecentRatios ratios =
          new Budget.HeavyRecentRatios(
              arguments.number(HEAVY_RATIO), arguments.number(RECENT_RATIO));
      return ofRatios(ratios, normalize, decoding.orElse(true));
    }
    return new H2oPress(arguments.integer(LOCAL_WINDOW), normalize, decoding.orElse(false));
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Budget followed = effective(layer, budget);
    return Scores.of(
        layer,
        (scores, b, g) -> {
          int length = layer.length(b, g);
          scores.setHead(b, g, AttentionReceived.of(layer, b, g, normalize));
          scores.protect(b, g, length - window(followed, countedTokens(layer, b, g)), length);
        });
  }

  private int window(Budget budget, int tokens) {
    if (budget instanceof Budget.HeavyRecent sizes) {
      return sizes.recent();
    }
    return budget instanceof Budget.HeavyRecentRatios ratios
        ? ratios.recentOf(tokens)
        : localWindow;
  }

  @Override
  protected Budget effective(LayerSignals layer, Budget budget) {
    return ownSizes.orElse(budget);
  }

  @Override
  public int protectedTail() {
    return localWindow;
  }

  @Override
  public BudgetKind budgetKind() {
    return ownSizes.isPresent() ? BudgetKind.OWN : BudgetKind.EXACT;
  }

  @Override
  public boolean evictsWhileDecoding() {
    return decoding;
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.AttentionSums());
  }

  @Override
  public ScoreTiming scoreTiming() {
    return ScoreTiming.OBSERVED;
  }
}
