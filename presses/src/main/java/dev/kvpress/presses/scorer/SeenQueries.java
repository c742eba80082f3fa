package dev.kvpress.presses.scorer;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedQueries;
import dev.kvpress.presses.signal.RunningMoments;
import dev.kvpress.presses.signal.Signal;
import java.util.Arrays;
import java.util.Optional;

/**
 * All queries of one layer that have passed, before rotation, as moments of each query head. Most
 * often they were accumulated beside the cache; where whole queries are given instead, they are
 * made here and remembered through decoding.
 *
 * @param signal which moments
 * @param queries the moments, not to be added to
 */
record SeenQueries(Signal.QueryMoments signal, ObservedQueries queries) implements PressState {

  /** The queries up to the step that the layer describes, those before it as remembered. */
  static SeenQueries upTo(LayerSignals layer, Signal.QueryMoments signal) {
    Optional<ObservedQueries> observed = layer.observedQueries(signal);
    if (observed.isPresent()) {
      return new SeenQueries(signal, observed.get());
    }
    Optional<SeenQueries> known =
        layer
            .state()
            .filter(SeenQueries.class::isInstance)
            .map(SeenQueries.class::cast)
            .filter(own -> own.signal.equals(signal));
    if (known.isPresent() && known.get().queries.passed(0) == layer.tokensSeen(0)) {
      return known.get();
    }
    FloatTensor given = layer.queriesPreRope();
    int[] seen = new int[layer.batch()];
    Arrays.setAll(seen, layer::tokensSeen);
    if (layer.phase() == Phase.PREFILL || known.isEmpty()) {
      return new SeenQueries(signal, ObservedQueries.of(signal, given, seen, layer.workers()));
    }
    ObservedQueries queries = known.get().queries.fork();
    int[] fresh = new int[layer.batch()];
    Arrays.setAll(fresh, b -> Math.min(given.size(2), seen[b]));
    queries.add(given, fresh, layer.workers());
    return new SeenQueries(signal, queries);
  }

  /** What it is called in files. */
  static final String KIND = "seen_queries";

  @Override
  public Optional<SavedState> saved() {
    return Optional.of(
        new SavedState(KIND)
            .with("sinks", signal.sinks())
            .with("covariance", signal.covariance() ? 1 : 0)
            .with("queries", queries.saved()));
  }

  /** The moments out of a file. */
  static SeenQueries restored(SavedState saved, LayerLedger ledger) {
    saved.require(KIND, "sinks", "covariance", "queries");
    Signal.QueryMoments signal =
        new Signal.QueryMoments(
            saved.integer("sinks", 0, Integer.MAX_VALUE - 1),
            saved.integer("covariance", 0, 1) == 1);
    return new SeenQueries(signal, ObservedQueries.restored(saved.part("queries"), signal, ledger));
  }

  /** Whether the moments have to be remembered, since nobody else does. */
  boolean isOwn(LayerSignals layer) {
    return layer.observedQueries(signal).filter(own -> own == queries).isEmpty();
  }

  /** The moments of one query head. */
  QueryMoments moments(int row, int head) {
    RunningMoments moments = queries.moments(row, head);
    return new QueryMoments(moments.mean(), moments.covariance());
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
