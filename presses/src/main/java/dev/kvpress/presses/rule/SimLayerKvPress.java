package dev.kvpress.presses.rule;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedAttention;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Cuts lazy layers to the first and the most recent tokens and leaves the others alone. A layer is
 * lazy if its last queries pay more than {@code lazy_threshold} of their attention to these tokens,
 * mean over heads and queries.
 *
 * <p>As in kvpress {@code simlayerkv_press.py} the attention of the last {@code n_last} columns
 * does not count and {@code n_recent - n_last} recent tokens stay. Each batch row judges for
 * itself, where kvpress takes the mean over the rows; and {@code n_recent = n_last}, which made
 * kvpress's cache grow, keeps no recent token.
 */
public final class SimLayerKvPress implements Press {
  private static final Parameter THRESHOLD =
      Parameter.number(
          "lazy_threshold", 1, 0, Double.MAX_VALUE, "attention above which a layer is lazy");
  private static final Parameter LAST =
      Parameter.integer("n_last", 1, 1, "last queries that are looked at");
  private static final Parameter RECENT =
      Parameter.integer("n_recent", 1024, 0, "most recent tokens a lazy layer keeps");
  private static final Parameter INITIAL =
      Parameter.integer("n_initial", 4, 0, "first tokens a lazy layer keeps");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("simlayerkv")
          .with(THRESHOLD)
          .with(LAST)
          .with(RECENT)
          .with(INITIAL)
          .summary("Cuts layers which attend to the first and last tokens only.")
          .source("SimLayerKV, arXiv 2410.13846; kvpress simlayerkv_press.py")
          .madeBy(
              arguments ->
                  new SimLayerKvPress(
                      arguments.number(THRESHOLD),
                      arguments.integer(LAST),
                      arguments.integer(RECENT),
                      arguments.integer(INITIAL)));

  private final double threshold;
  private final int last;
  private final int recent;
  private final int initial;

  /**
   * Takes the sizes.
   *
   * @param threshold attention above which a layer is lazy
   * @param last last queries that are looked at, at least 1
   * @param recent most recent tokens that a lazy layer keeps, less {@code last}
   * @param initial first tokens that a lazy layer keeps
   */
  public SimLayerKvPress(double threshold, int last, int recent, int initial) {
    checkArgument(
        initial >= 1 || recent > last, "n_initial and n_recent - n_last leave no token at all");
    this.threshold = THRESHOLD.checked(threshold);
    this.last = LAST.checked(last);
    this.recent = RECENT.checked(recent);
    this.initial = INITIAL.checked(initial);
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    long most = (long) initial + recent + last;
    boolean tooShort = false;
    boolean[] lazy = new boolean[layer.batch()];
    for (int b = 0; b < lazy.length; b++) {
      lazy[b] = laziness(layer, b) > threshold;
      for (int g = 0; g < layer.kvHeads(); g++) {
        tooShort |= layer.length(b, g) <= most;
      }
    }
    CacheEdit edit =
        CacheEdit.keep(
            layer,
            (b, g) -> {
              int length = layer.length(b, g);
              boolean cut = lazy[b] && length > most;
              int firstRecent = cut ? length - Math.max(0, recent - last) : initial;
              return IntStream.range(0, length)
                  .filter(j -> j < initial || j >= firstRecent)
                  .toArray();
            });
    return tooShort
        ? edit.withNotice(
            "simlayerkv removes nothing from a context of no more than n_initial + n_recent + n_last = %d tokens"
                .formatted(most))
        : edit;
  }

  /** Attention of the last queries to the first and most recent tokens of one row. */
  double laziness(LayerSignals layer, int row) {
    ObservedAttention attention = layer.attention();
    int rows = attention.rows(row);
    int voters = Math.min(last, rows);
    double sum = 0;
    float[] weights = new float[layer.maxLength()];
    for (int h = 0; h < layer.queryHeads(); h++) {
      int length = layer.length(row, h / layer.groupSize());
      int columns = Math.max(0, length - last);
      for (int r = rows - voters; r < rows; r++) {
        attention.readRow(row, h, r, weights, length);
        // Where both ranges overlap a column counts twice, as in kvpress.
        for (int j = 0; j < Math.min(initial, columns); j++) {
          sum += weights[j];
        }
        for (int j = Math.max(0, columns - recent); j < columns; j++) {
          sum += weights[j];
        }
      }
    }
    double laziness = voters == 0 ? 0 : sum / ((double) layer.queryHeads() * voters);
    if (Double.isNaN(laziness)) {
      throw new IllegalArgumentException(
          "the laziness of layer %d, row %d is not a number; the attention of its last queries to some token of some KV head holds NaN"
              .formatted(layer.layer(), row));
    }
    return laziness;
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.AttentionRows(last));
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.BY_LAYER;
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.OWN;
  }
}
