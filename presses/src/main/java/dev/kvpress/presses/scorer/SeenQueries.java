package dev.kvpress.presses.scorer;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import java.util.List;
import java.util.Optional;

/**
 * All queries of one layer that have passed, before rotation, as moments of each query head. Beside
 * the cache it lives on through decoding: queries of a few steps wait as they came, since taking
 * them up one by one would copy the moments at each step.
 *
 * @param sinks first tokens whose queries do not count
 * @param withCovariance whether the covariance is wanted
 * @param tokensSeen tokens that had passed in the first row
 * @param heads {@code [B*H]}, never written to
 * @param waiting queries of later steps {@code [B, H, Q, D]}, not in {@code heads} yet
 */
record SeenQueries(
    int sinks,
    boolean withCovariance,
    int tokensSeen,
    List<RunningMoments> heads,
    List<FloatTensor> waiting)
    implements PressState {
  private static final int MOST_WAITING = 64;
  // Queries taken up at once.
  private static final int BLOCK = 64;

  /** What a press that scores by moments of queries asks the graph for. */
  static Signal signal() {
    return new Signal.Queries(Signal.ALL, false);
  }

  /** The queries up to the step that the layer describes, those before it as remembered. */
  static SeenQueries upTo(LayerSignals layer, int sinks, boolean withCovariance) {
    Optional<SeenQueries> known =
        layer
            .state()
            .filter(SeenQueries.class::isInstance)
            .map(SeenQueries.class::cast)
            .filter(own -> own.sinks == sinks && own.withCovariance == withCovariance);
    if (known.isPresent() && known.get().tokensSeen == layer.tokensSeen(0)) {
      return known.get();
    }
    FloatTensor queries = layer.queriesPreRope();
    boolean onlySinks = known.isEmpty() || known.get().tokensSeen <= sinks;
    if (layer.phase() == Phase.PREFILL || onlySinks) {
      return start(layer, queries, sinks, withCovariance);
    }
    SeenQueries before = known.get();
    ImmutableList<FloatTensor> waiting =
        ImmutableList.<FloatTensor>builder().addAll(before.waiting).add(copy(queries)).build();
    SeenQueries now =
        new SeenQueries(sinks, withCovariance, layer.tokensSeen(0), before.heads, waiting);
    return waiting.size() < MOST_WAITING ? now : now.settled(layer.workers());
  }

  private static SeenQueries start(
      LayerSignals layer, FloatTensor queries, int sinks, boolean withCovariance) {
    List<RunningMoments> heads =
        layer
            .workers()
            .map(
                layer.batch() * layer.queryHeads(),
                head -> {
                  RunningMoments moments = new RunningMoments(queries.size(3), withCovariance);
                  // Right aligned: the last query is that of the last token.
                  int row = head / layer.queryHeads();
                  int firstCounted = queries.size(2) - layer.tokensSeen(row) + sinks;
                  // Where only sinks have passed, the last of them is all there is to go by.
                  int first = Math.max(0, Math.min(firstCounted, queries.size(2) - 1));
                  add(queries, head, first, moments);
                  return moments;
                });
    return new SeenQueries(sinks, withCovariance, layer.tokensSeen(0), heads, ImmutableList.of());
  }

  private static void add(FloatTensor queries, int head, int first, RunningMoments moments) {
    int count = queries.size(2);
    int size = queries.size(3);
    float[] block = new float[BLOCK * size];
    double[][] rows = new double[BLOCK][size];
    for (int from = first; from < count; from += BLOCK) {
      int added = Math.min(BLOCK, count - from);
      queries.read((head * count + from) * size, block, added * size);
      for (int i = 0; i < added; i++) {
        for (int c = 0; c < size; c++) {
          rows[i][c] = block[i * size + c];
        }
      }
      moments.add(Matrices.first(rows, added));
    }
  }

  /** The graph's own buffer is written over at the next step. */
  private static FloatTensor copy(FloatTensor queries) {
    int[] shape = queries.shape();
    float[] data = new float[shape[0] * shape[1] * shape[2] * shape[3]];
    queries.read(0, data, data.length);
    return FloatTensor.of(data, shape);
  }

  /** The same with nothing waiting. */
  SeenQueries settled(Workers workers) {
    if (waiting.isEmpty()) {
      return this;
    }
    List<RunningMoments> all =
        workers.map(
            heads.size(),
            head -> {
              RunningMoments moments = heads.get(head).copy();
              waiting.forEach(step -> add(step, head, 0, moments));
              return moments;
            });
    return new SeenQueries(sinks, withCovariance, tokensSeen, all, ImmutableList.of());
  }

  /** The moments of one query head; ask what is settled. */
  QueryMoments moments(int row, int head, int queryHeads) {
    return heads.get(row * queryHeads + head).moments();
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
