package dev.kvpress.presses.scorer;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;
import java.util.Optional;

/**
 * The queries of the last W tokens of one layer after rotation, remembered from step to step, since
 * a step of decoding brings its own only.
 *
 * @param window W
 * @param tokensSeen tokens that had passed in the first row
 * @param rows {@code [B][at most W][H*D]}, oldest first, never written to
 */
record RecentQueries(int window, int tokensSeen, float[][][] rows) implements PressState {
  private static final int MOST_QUERIES = 1 << 20;

  /**
   * The queries up to the step that the layer describes.
   *
   * @throws IllegalStateException in decoding, if a step has passed without the press being asked
   */
  static RecentQueries upTo(LayerSignals layer, int window) {
    Optional<RecentQueries> known =
        layer
            .state()
            .filter(RecentQueries.class::isInstance)
            .map(RecentQueries.class::cast)
            .filter(own -> own.window == window);
    int seen = layer.tokensSeen(0);
    if (known.isPresent() && known.get().tokensSeen == seen) {
      return known.get();
    }
    FloatTensor given = layer.queries();
    float[][][] rows = new float[layer.batch()][][];
    for (int b = 0; b < rows.length; b++) {
      float[][] old = new float[0][];
      if (layer.phase() == Phase.DECODE && given.size(2) < window) {
        old = known.map(RecentQueries::rows).orElseThrow(() -> missing(layer))[b];
        requireNoGap(layer, known.get());
      }
      rows[b] = joined(old, fresh(layer, given, b, window), window);
    }
    return new RecentQueries(window, seen, rows);
  }

  /** What it is called in files. */
  static final String KIND = "recent_queries";

  @Override
  public Optional<SavedState> saved() {
    int[] counts = new int[rows.length];
    Arrays.setAll(counts, b -> rows[b].length);
    float[][] all = Arrays.stream(rows).flatMap(Arrays::stream).toArray(float[][]::new);
    return Optional.of(
        new SavedState(KIND)
            .with("window", window)
            .with("tokens_seen", tokensSeen)
            .with("counts", counts)
            .with("size", all.length == 0 ? 0 : all[0].length)
            .with("queries", SavedState.joined(all)));
  }

  /** The queries out of a file. */
  static RecentQueries restored(SavedState saved, LayerLedger ledger) {
    saved.require(KIND, "window", "tokens_seen", "counts", "size", "queries");
    int window = saved.integer("window", 1, MOST_QUERIES);
    int size = saved.integer("size", 0, Integer.MAX_VALUE);
    int[] counts = saved.ints("counts", ledger.batch());
    for (int b = 0; b < counts.length; b++) {
      int most = Math.min(window, ledger.tokensSeen(b));
      if (counts[b] < 0 || counts[b] > most) {
        throw new IllegalArgumentException(
            "%s: row %d must have 0 to %d queries, found %d".formatted(KIND, b, most, counts[b]));
      }
    }
    int[] lengths = new int[Arrays.stream(counts).sum()];
    Arrays.fill(lengths, size);
    float[][] all = saved.floatRows("queries", lengths, size);
    float[][][] rows = new float[counts.length][][];
    int at = 0;
    for (int b = 0; b < rows.length; b++) {
      rows[b] = Arrays.copyOfRange(all, at, at + counts[b]);
      at += counts[b];
    }
    return new RecentQueries(window, saved.integer("tokens_seen", 0, ledger.tokensSeen(0)), rows);
  }

  private static void requireNoGap(LayerSignals layer, RecentQueries known) {
    if (known.tokensSeen != layer.tokensSeen(0) - layer.newTokens()) {
      throw missing(layer);
    }
  }

  private static IllegalStateException missing(LayerSignals layer) {
    return new IllegalStateException(
        "layer %d does not have the queries that came before this step; a press of recent queries must be asked after the prefill and after every step since"
            .formatted(layer.layer()));
  }

  /** The last queries of a pass, which are right aligned in it. */
  private static float[][] fresh(LayerSignals layer, FloatTensor given, int row, int window) {
    int heads = layer.queryHeads();
    int passed = given.size(2);
    int size = given.size(3);
    float[][] rows = new float[Math.min(window, Math.min(passed, layer.tokensSeen(row)))][];
    float[] query = new float[size];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[heads * size];
      for (int h = 0; h < heads; h++) {
        int at = (row * heads + h) * passed + passed - rows.length + i;
        given.read(at * size, query, size);
        System.arraycopy(query, 0, rows[i], h * size, size);
      }
    }
    return rows;
  }

  private static float[][] joined(float[][] old, float[][] fresh, int window) {
    int kept = Math.min(old.length, window - fresh.length);
    float[][] rows = Arrays.copyOfRange(old, old.length - kept, old.length + fresh.length);
    System.arraycopy(fresh, 0, rows, kept, fresh.length);
    return rows;
  }

  @Override
  public PressState fork() {
    return this;
  }

  @Override
  public PressState afterEdit(CacheEdit edit) {
    return this;
  }
}
