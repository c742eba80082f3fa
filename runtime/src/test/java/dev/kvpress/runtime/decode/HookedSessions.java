package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.graph.pack.WeightPacker;
import dev.kvpress.runtime.ort.HostTensor;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Sessions of ONNX Runtime of which a test sees what happens, and may delay it or let it fail. */
final class HookedSessions implements SessionFactory {
  private final SessionFactory real;
  private volatile Consumer<TappedGraph> opening = graph -> {};
  private volatile Runnable running = () -> {};
  final AtomicInteger opened = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  final AtomicInteger runs = new AtomicInteger();
  final AtomicInteger inside = new AtomicInteger();
  final AtomicInteger mostInside = new AtomicInteger();

  HookedSessions(int threads) {
    real = new OrtSessionFactory(Provider.CPU, 0, threads);
  }

  /** Is called by who opens a graph, before it is opened. */
  HookedSessions onOpening(Consumer<TappedGraph> hook) {
    opening = hook;
    return this;
  }

  /** Is called by who runs a graph, before it runs. */
  HookedSessions onRunning(Runnable hook) {
    running = hook;
    return this;
  }

  private void enter() {
    runs.incrementAndGet();
    mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
  }

  @Override
  public StepSession open(TappedGraph graph) {
    opening.accept(graph);
    StepSession session = real.open(graph);
    opened.incrementAndGet();
    return new StepSession() {
      @Override
      public void run(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs) {
        enter();
        try {
          running.run();
          session.run(inputs, outputs);
        } finally {
          inside.decrementAndGet();
        }
      }

      @Override
      public Map<String, HostTensor> read(Map<String, HostTensor> inputs, Set<String> wanted) {
        return session.read(inputs, wanted);
      }

      @Override
      public long engineNanos() {
        return session.engineNanos();
      }

      @Override
      public void close() {
        closed.incrementAndGet();
        session.close();
      }
    };
  }

  @Override
  public Optional<WeightPacker> packer() {
    return real.packer();
  }

  @Override
  public List<Fallback> fallbacks(TappedGraph graph) {
    return real.fallbacks(graph);
  }

  @Override
  public String provider() {
    return real.provider();
  }

  @Override
  public String version() {
    return real.version();
  }
}
