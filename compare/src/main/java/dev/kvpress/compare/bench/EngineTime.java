package dev.kvpress.compare.bench;

import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.graph.pack.WeightPacker;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sessions of another factory, whose time inside the engine is added up. */
final class EngineTime implements SessionFactory {
  private final SessionFactory sessions;
  private final List<StepSession> opened = new CopyOnWriteArrayList<>();

  EngineTime(SessionFactory sessions) {
    this.sessions = sessions;
  }

  /** Nanoseconds inside the engine, over all sessions. */
  long nanos() {
    long sum = 0;
    for (StepSession session : opened) {
      sum += session.engineNanos();
    }
    return sum;
  }

  @Override
  public StepSession open(TappedGraph graph) {
    StepSession session = sessions.open(graph);
    opened.add(session);
    return session;
  }

  @Override
  public Optional<WeightPacker> packer() {
    return sessions.packer();
  }

  @Override
  public List<Fallback> fallbacks(TappedGraph graph) {
    return sessions.fallbacks(graph);
  }

  @Override
  public String provider() {
    return sessions.provider();
  }

  @Override
  public String version() {
    return sessions.version();
  }
}
