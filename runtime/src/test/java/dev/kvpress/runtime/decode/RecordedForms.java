package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.ort.HostTensor;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sessions that note the form of each graph they run. */
final class RecordedForms implements SessionFactory {
  private final SessionFactory real;
  private final List<AttentionForm> runs = new ArrayList<>();

  RecordedForms(SessionFactory real) {
    this.real = real;
  }

  /** The forms since this was asked last, one for each pass. */
  List<AttentionForm> takeRuns() {
    List<AttentionForm> taken = List.copyOf(runs);
    runs.clear();
    return taken;
  }

  @Override
  public StepSession open(TappedGraph graph) {
    StepSession session = real.open(graph);
    AttentionForm form = graph.ports().form();
    return new StepSession() {
      @Override
      public void run(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs) {
        runs.add(form);
        session.run(inputs, outputs);
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
        session.close();
      }
    };
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
