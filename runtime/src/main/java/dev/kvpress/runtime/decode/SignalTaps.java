package dev.kvpress.runtime.decode;

import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.graph.GraphSignal;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Translates what presses ask for into what a tap is asked for. */
final class SignalTaps {
  private SignalTaps() {}

  /** What the graph must give for a signal; empty where the model's constants suffice. */
  static Optional<GraphSignal> needed(Signal signal) {
    if (signal instanceof Signal.AttentionSums) {
      return Optional.of(GraphSignal.COLUMN_SUMS);
    }
    if (signal instanceof Signal.AttentionMaxima) {
      return Optional.of(GraphSignal.COLUMN_MAXIMA);
    }
    if (signal instanceof Signal.AttentionRows) {
      return Optional.of(GraphSignal.LAST_ROWS);
    }
    if (signal instanceof Signal.AttentionMatrix) {
      return Optional.of(GraphSignal.FULL_ATTENTION);
    }
    if (signal instanceof Signal.Queries q) {
      return Optional.of(q.rotated() ? GraphSignal.QUERIES : GraphSignal.QUERIES_PRE_ROPE);
    }
    if (signal instanceof Signal.QueryMoments) {
      return Optional.of(GraphSignal.QUERIES_PRE_ROPE);
    }
    return signal instanceof Signal.HiddenStates
        ? Optional.of(GraphSignal.HIDDEN_STATES)
        : Optional.empty();
  }

  /**
   * The tap of one pass.
   *
   * @param lastPass whether the pass holds the last queries of the prompt; windows of last queries
   *     are wanted from it alone
   */
  static TapRequest request(Set<Signal> signals, boolean lastPass) {
    TapRequest tap = TapRequest.NONE;
    for (Signal signal : signals) {
      if (signal instanceof Signal.AttentionSums) {
        tap = tap.withColumnSums();
      } else if (signal instanceof Signal.AttentionMaxima) {
        tap = tap.withColumnMaxima();
      } else if (signal instanceof Signal.AttentionRows rows && lastPass) {
        tap = tap.withLastRows(rows.window());
      } else if (signal instanceof Signal.AttentionMatrix) {
        tap = tap.withFullAttention();
      } else if (signal instanceof Signal.Queries q && (lastPass || q.window() == Signal.ALL)) {
        tap =
            q.rotated()
                ? tap.withQueries(q.window())
                : tap.withQueriesPreRope(Math.max(tap.queriesPreRope(), q.window()));
      } else if (signal instanceof Signal.QueryMoments) {
        tap = tap.withQueriesPreRope(TapRequest.ALL);
      } else if (signal instanceof Signal.HiddenStates) {
        tap = tap.withHiddenStates();
      }
    }
    return tap;
  }

  /** Queries that must be together in the last pass of a prefill. */
  static int window(Set<Signal> signals) {
    int window = Signal.rowWindow(signals);
    for (Signal signal : signals) {
      if (signal instanceof Signal.Queries q && q.window() != Signal.ALL) {
        window = Math.max(window, q.window());
      }
    }
    return window;
  }

  /** Those of some outputs that carry what was asked for. */
  static SignalPorts portsOf(SignalPorts all, Set<Signal> signals) {
    if (signals.isEmpty()) {
      return SignalPorts.NONE;
    }
    Set<GraphSignal> wanted = EnumSet.noneOf(GraphSignal.class);
    signals.forEach(signal -> needed(signal).ifPresent(wanted::add));
    return new SignalPorts(
        wanted.contains(GraphSignal.COLUMN_SUMS) ? all.attentionSums() : null,
        wanted.contains(GraphSignal.COLUMN_MAXIMA) ? all.attentionMaxima() : null,
        wanted.contains(GraphSignal.LAST_ROWS) ? all.attentionRows() : null,
        wanted.contains(GraphSignal.FULL_ATTENTION) ? all.attentions() : null,
        wanted.contains(GraphSignal.QUERIES) ? all.queries() : null,
        wanted.contains(GraphSignal.QUERIES_PRE_ROPE) ? all.queriesPreRope() : null,
        wanted.contains(GraphSignal.HIDDEN_STATES) ? all.hiddenStates() : null);
  }
}
