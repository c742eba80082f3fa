package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps what is important and does not repeat what is kept anyway: {@code λ · importance − (1 − λ)
 * · redundancy}. Importance is the attention that the last W queries pay a token, {@link
 * QueryImportance}; redundancy is how much its key resembles other keys, {@link KeyRedundancy}. The
 * window itself stays.
 *
 * <p>Meant for long generation: {@code decoding(rkv,compression_interval=128,target_size=…)} lets
 * the cache grow by a buffer of 128 tokens and cuts it back, as the paper does; the budget is that
 * of the wrapper. It works after the prefill too, and with any number of batch rows, where the
 * original computes redundancy of the first row only. {@code mix_lambda} is the paper's 0.1, where
 * the original's code has 0.07. A budget below the window keeps its most recent tokens, where the
 * original refuses it.
 */
public final class RkvPress extends ScorerPress {
  private static final Parameter WINDOW =
      Parameter.integer("window_size", 8, 1, "last queries that vote, and stay");
  private static final Parameter KERNEL =
      Parameter.integer("kernel_size", 7, 1, "tokens of which the largest counts, an odd number");
  private static final Parameter LAMBDA =
      Parameter.number("mix_lambda", 0.1, 0, 1, "share of importance, the rest is redundancy");
  private static final Parameter THRESHOLD =
      Parameter.number(
          "similarity_threshold", 0.5, -1, 1, "cosine above which keys repeat each other");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("rkv")
          .with(WINDOW)
          .with(KERNEL)
          .with(LAMBDA)
          .with(THRESHOLD)
          .summary("Keeps the tokens that the last ones attend to and that repeat no others.")
          .source("R-KV, arXiv 2505.24133; R-KV r1_kv.py")
          .madeBy(
              arguments ->
                  new RkvPress(
                      arguments.integer(WINDOW),
                      arguments.integer(KERNEL),
                      arguments.number(LAMBDA),
                      arguments.number(THRESHOLD)));

  private final int window;
  private final int kernel;
  private final double lambda;
  private final double threshold;

  /**
   * Takes the parameters.
   *
   * @param window last queries that vote and stay, at least 1
   * @param kernel tokens of which the largest importance counts, odd and at least 1
   * @param lambda share of importance in the score, in [0, 1]
   * @param threshold cosine above which two keys repeat each other, in [-1, 1]
   */
  public RkvPress(int window, int kernel, double lambda, double threshold) {
    this.window = WINDOW.checked(window);
    this.kernel = Smoothing.centred(kernel);
    this.lambda = LAMBDA.checked(lambda);
    this.threshold = THRESHOLD.checked(threshold);
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    RecentQueries queries = RecentQueries.upTo(layer, window);
    return Scores.inParallel(
        layer,
        (scores, b, g) -> {
          int length = layer.length(b, g);
          int scored = Math.max(0, length - window);
          if (scored > 0) {
            double[] importance = new QueryImportance(layer, b, g).of(queries.rows()[b], scored);
            double[] largest = Smoothing.max(importance, kernel);
            double[] redundancy = new KeyRedundancy(layer.keys(), threshold).of(b, g, length);
            double[] mixed = new double[scored];
            for (int j = 0; j < scored; j++) {
              mixed[j] = lambda * largest[j] - (1 - lambda) * redundancy[j];
            }
            scores.setFrom(b, g, 0, mixed);
          }
          scores.protect(b, g, scored, length);
        });
  }

  /** What its state is called in files. */
  public static final String STATE = RecentQueries.KIND;

  /**
   * Its state out of a file.
   *
   * @throws IllegalArgumentException naming what is wrong with it
   */
  public static PressState restored(SavedState saved, LayerLedger ledger) {
    return RecentQueries.restored(saved, ledger);
  }

  @Override
  public Optional<PressState> observe(LayerSignals layer) {
    return Optional.of(RecentQueries.upTo(layer, window));
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.Queries(window, true));
  }

  @Override
  public int protectedTail() {
    return window;
  }
}
