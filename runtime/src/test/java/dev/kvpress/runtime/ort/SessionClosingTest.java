package dev.kvpress.runtime.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A session that is closed while others run it: each run is whole or refused, and nobody crashes.
 */
@Timeout(60)
class SessionClosingTest {
  private static final int ROUNDS = 20;
  private static final int THREADS = 6;
  private static final int TOKENS = 24;

  @TempDir Path folder;

  @Test
  void closingWaitsForRunsAndLaterOnesAreRefused() throws Exception {
    Path checkpoint = Files.createDirectories(folder.resolve("tiny"));
    TinyCheckpoint.llama().write(checkpoint);
    DecoderGraph graph =
        DecoderGraph.readOwn(
            ExportCache.of(folder.resolve("exports")).export(checkpoint).decomposed());
    TappedGraph plain = GraphTap.tap(graph, TapRequest.NONE);
    OrtSessionFactory factory = new OrtSessionFactory(Provider.CPU, 0, 2);
    Map<String, HostTensor> inputs = inputs(graph);
    for (int round = 0; round < ROUNDS; round++) {
      StepSession session = factory.open(plain);
      AtomicInteger whole = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      List<Throwable> ends = Collections.synchronizedList(new ArrayList<>());
      CountDownLatch running = new CountDownLatch(THREADS);
      for (int t = 0; t < THREADS; t++) {
        Thread thread =
            new Thread(
                () -> {
                  try {
                    while (true) {
                      session.read(inputs, Set.of(graph.ports().logits()));
                      whole.incrementAndGet();
                      running.countDown();
                    }
                  } catch (RuntimeException e) {
                    ends.add(e);
                  }
                });
        thread.start();
        threads.add(thread);
      }
      running.await();
      session.close();
      session.close();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(whole.get()).isGreaterThanOrEqualTo(THREADS);
      assertThat(ends)
          .hasSize(THREADS)
          .allSatisfy(
              end ->
                  assertThat(end)
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessageContaining("the session is closed and runs no more passes"));
      assertThat(session.engineNanos()).isPositive();
      assertThatThrownBy(() -> session.run(inputs, Map.of()))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private static Map<String, HostTensor> inputs(DecoderGraph graph) {
    Map<String, HostTensor> inputs = new HashMap<>();
    inputs.put(graph.ports().inputIds(), HostTensor.allocate(ElementType.INT64, 1, TOKENS));
    inputs.put(graph.ports().positionIds(), HostTensor.allocate(ElementType.INT64, 1, TOKENS));
    if (graph.ports().attentionMask() != null) {
      HostTensor mask = HostTensor.allocate(ElementType.INT64, 1, TOKENS);
      for (int i = 0; i < TOKENS; i++) {
        mask.data().putLong(8 * i, 1);
      }
      inputs.put(graph.ports().attentionMask(), mask);
    }
    int heads = graph.ports().kvHeads();
    for (LayerPorts layer : graph.ports().layers()) {
      for (String name : List.of(layer.pastKey(), layer.pastValue())) {
        inputs.put(
            name, HostTensor.allocate(ElementType.FLOAT32, 1, heads, 0, graph.ports().headSize()));
      }
      if (layer.cacheBias() != null) {
        inputs.put(layer.cacheBias(), HostTensor.allocate(ElementType.FLOAT32, 1, heads, 1, 0));
      }
    }
    return inputs;
  }
}
