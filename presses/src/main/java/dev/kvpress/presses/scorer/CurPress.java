package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Scores a token by its leverage in a CUR decomposition, approximated by the squared lengths of key
 * and value relative to those of their local window. Sinks score 1.
 *
 * <p>With {@code use_random_leverage} keys and values are first projected onto 20 random
 * directions, the same for every layer and drawn from {@code seed}, where kvpress {@code
 * cur_press.py} draws them anew. A window of zero vectors scores 0, where kvpress divides by zero.
 */
public final class CurPress extends ScorerPress {
  /** Which lengths count. */
  public enum Leverage {
    /** That of the key. */
    KEY,
    /** That of the value. */
    VALUE,
    /** The mean of both. */
    KV_AVG,
    /** The product of both. */
    KV_PRODUCT
  }

  private static final Parameter SINKS =
      Parameter.integer("num_sinks", 4, 0, "first tokens that score 1");
  private static final Parameter WINDOW =
      Parameter.integer("local_window_size", 16, 1, "tokens of a local window");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("cur")
          .with(SINKS)
          .with(Parameter.text("leverage_type", "kv_product", "key, value, kv_avg or kv_product"))
          .with(Parameter.flag("use_random_leverage", false, "project onto random directions"))
          .with(Parameter.flag("use_local_approximation", true, "compare within local windows"))
          .with(WINDOW)
          .with(LeverageScorePress.SEED)
          .summary("Keeps the tokens with the highest leverage of key and value.")
          .source("CurDKV, arXiv 2509.15038; kvpress cur_press.py")
          .madeBy(
              arguments ->
                  new CurPress(
                      arguments.integer(SINKS),
                      leverage(arguments.text("leverage_type").orElse("kv_product")),
                      arguments.flag("use_random_leverage"),
                      arguments.flag("use_local_approximation")
                          ? OptionalInt.of(arguments.integer(WINDOW))
                          : OptionalInt.empty(),
                      arguments.integer(LeverageScorePress.SEED)));

  private final int sinks;
  private final Leverage leverage;
  private final boolean randomDirections;
  private final OptionalInt window;
  private final long seed;

  /**
   * Takes the choices.
   *
   * @param sinks first tokens that score 1, not negative
   * @param leverage which lengths count
   * @param randomDirections whether to project onto random directions first
   * @param window tokens of a local window, at least 1; empty: lengths as they are
   * @param seed start of the random directions
   */
  public CurPress(
      int sinks, Leverage leverage, boolean randomDirections, OptionalInt window, long seed) {
    this.sinks = SINKS.checked(sinks);
    this.leverage = leverage;
    window.ifPresent(WINDOW::checked);
    this.randomDirections = randomDirections;
    this.window = window;
    this.seed = seed;
  }

  private static Leverage leverage(String text) {
    try {
      return Leverage.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "leverage_type must be key, value, kv_avg or kv_product, found '" + text + "'", e);
    }
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    SquaredLengths lengths =
        randomDirections
            ? SquaredLengths.projected(window, layer.keys().size(), seed)
            : new SquaredLengths(window, new float[0]);
    return Scores.inParallel(
        layer,
        (scores, b, g) -> {
          double[] combined = combine(layer, lengths, b, g);
          SquaredLengths.divide(combined, 0, combined.length);
          scores.setHead(b, g, combined);
          for (int j = layer.slotsBefore(b, g, sinks) - 1; j >= 0; j--) {
            scores.set(b, g, j, 1);
          }
        });
  }

  private double[] combine(LayerSignals layer, SquaredLengths lengths, int row, int kvHead) {
    int length = layer.length(row, kvHead);
    if (leverage == Leverage.KEY) {
      return lengths.of(layer.keys(), row, kvHead, length);
    }
    double[] values = lengths.of(layer.values(), row, kvHead, length);
    if (leverage == Leverage.VALUE) {
      return values;
    }
    double[] keys = lengths.of(layer.keys(), row, kvHead, length);
    for (int j = 0; j < length; j++) {
      keys[j] = leverage == Leverage.KV_AVG ? (keys[j] + values[j]) / 2 : keys[j] * values[j];
    }
    return keys;
  }
}
