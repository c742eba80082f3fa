package dev.kvpress.runtime.graph;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Which signals a graph can give, and why not the others. */
public final class SignalSupport {
  private final EnumMap<GraphSignal, String> refusals = new EnumMap<>(GraphSignal.class);

  SignalSupport(Map<GraphSignal, String> refusals) {
    this.refusals.putAll(refusals);
  }

  /** Whether a tap can give the signal. */
  public boolean gives(GraphSignal signal) {
    return !refusals.containsKey(signal);
  }

  /** Why the graph cannot give the signal, in a few words; empty where it can. */
  public Optional<String> refusal(GraphSignal signal) {
    return Optional.ofNullable(refusals.get(signal));
  }

  /** Refused signals with their reasons. */
  public Map<GraphSignal, String> refusals() {
    return Map.copyOf(refusals);
  }
}
