package dev.kvpress.presses.scorer;

import dev.kvpress.presses.PressState;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a press takes the queries to come from: those seen so far, or statistics from a file; in
 * both cases turned by the rotation averaged over the next positions.
 *
 * @param positions positions ahead over which the rotation is averaged, at least 1
 * @param sinks first tokens whose queries do not count
 * @param withCovariance whether the covariance is wanted
 * @param precomputed whether {@link #MEAN} and {@link #COVARIANCE} are to be read
 */
record FutureQueries(int positions, int sinks, boolean withCovariance, boolean precomputed) {
  /** Mean of the queries before rotation, {@code [H, D]}. */
  static final String MEAN = "expected_attention_mean";

  /** Covariance of the queries before rotation, {@code [H, D, D]}. */
  static final String COVARIANCE = "expected_attention_covariance";

  /** Checks the ranges. */
  FutureQueries {
    ExpectedAttentionPress.POSITIONS.checked(positions);
    ExpectedAttentionPress.SINKS.checked(sinks);
  }

  /** Moments of the queries to come, {@code [B*H]}. */
  List<QueryMoments> of(LayerSignals layer) {
    int heads = layer.queryHeads();
    QueryMoments[] given = precomputed ? fromFile(layer) : new QueryMoments[0];
    Optional<SeenQueries> seen = seen(layer);
    return layer
        .workers()
        .map(
            layer.batch() * heads,
            i -> {
              int row = i / heads;
              int head = i % heads;
              QueryMoments moments =
                  seen.map(queries -> queries.moments(row, head)).orElseGet(() -> given[head]);
              return moments.rotated(layer.rotary(), layer.tokensSeen(row), positions);
            });
  }

  private Signal.QueryMoments signal() {
    return new Signal.QueryMoments(sinks, withCovariance);
  }

  private Optional<SeenQueries> seen(LayerSignals layer) {
    return precomputed ? Optional.empty() : Optional.of(SeenQueries.upTo(layer, signal()));
  }

  private QueryMoments[] fromFile(LayerSignals layer) {
    int size = layer.keys().size();
    double[] means = read(layer, MEAN, layer.queryHeads(), size);
    double[] covariances =
        withCovariance ? read(layer, COVARIANCE, layer.queryHeads(), size, size) : new double[0];
    QueryMoments[] moments = new QueryMoments[layer.queryHeads()];
    int square = withCovariance ? size * size : 0;
    for (int h = 0; h < moments.length; h++) {
      moments[h] =
          new QueryMoments(
              Arrays.copyOfRange(means, h * size, (h + 1) * size),
              Arrays.copyOfRange(covariances, h * square, (h + 1) * square));
    }
    return moments;
  }

  private static double[] read(LayerSignals layer, String name, int... expected) {
    FloatTensor tensor = layer.auxiliary(name, expected);
    int length = Arrays.stream(expected).reduce(1, (a, b) -> a * b);
    double[] values = new double[length];
    Arrays.setAll(values, tensor::get);
    return values;
  }

  /** What must be remembered for scores to come. */
  Optional<PressState> observe(LayerSignals layer) {
    return seen(layer).filter(queries -> queries.isOwn(layer)).map(queries -> queries);
  }

  Set<Signal> needs() {
    Set<Signal> needs = new LinkedHashSet<>();
    needs.add(new Signal.Rotary());
    if (!precomputed) {
      needs.add(signal());
      return needs;
    }
    needs.add(new Signal.Auxiliary(MEAN));
    if (withCovariance) {
      needs.add(new Signal.Auxiliary(COVARIANCE));
    }
    return needs;
  }
}
