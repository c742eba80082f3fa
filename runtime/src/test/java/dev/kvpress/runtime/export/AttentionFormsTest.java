package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.OwnGraph;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the two forms of attention promise about caches: chunks, ragged heads, lengths per layer,
 * shared buffers.
 */
class AttentionFormsTest {
  private static final long[] IDS = {3, 17, 5, 39, 0, 21, 8, 8, 30, 12, 25};
  private static final float TOLERANCE = 2e-5f;

  @TempDir static Path folder;
  private static ExportedModel model;

  @BeforeAll
  static void export() throws IOException {
    model =
        ExportCache.of(folder.resolve("cache"))
            .export(TinyCheckpoint.llama().write(folder.resolve("model")));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void chunksGiveTheLogitsOfOneShot(int chunk) throws OrtException {
    for (Path onnx : new Path[] {model.decomposed(), model.fused()}) {
      try (GraphRunner runner = GraphRunner.open(onnx)) {
        Map<String, Tensor> whole = runner.pass(IDS).run();
        Map<String, Tensor> out = null;
        for (int at = 0; at < IDS.length; at += chunk) {
          int end = Math.min(IDS.length, at + chunk);
          GraphRunner.Pass pass =
              runner.pass(Arrays.copyOfRange(IDS, at, end)).positions(GraphRunner.range(at, end));
          out = (out == null ? pass : pass.after(out)).run();
        }
        assertThat(out.get("present.1.key").data())
            .usingComparatorWithPrecision(TOLERANCE)
            .containsExactly(whole.get("present.1.key").data());
        Tensor last = out.get("logits");
        for (int v = 0; v < 40; v++) {
          assertThat(last.at(0, last.dim(1) - 1, v))
              .isCloseTo(whole.get("logits").at(0, IDS.length - 1, v), within(TOLERANCE));
        }
      }
    }
  }

  /**
   * A head that keeps fewer tokens, padded and biased away, reads as if the padding did not exist.
   */
  @Test
  void paddingUnderBiasIsInvisible() throws OrtException {
    try (GraphRunner runner = GraphRunner.open(model.decomposed())) {
      Map<String, Tensor> out = runner.pass(Arrays.copyOf(IDS, 8)).run();
      int[] kept = {0, 3, 6};
      GraphRunner.Pass exact = runner.pass(9, 31).positions(new long[] {8, 9});
      GraphRunner.Pass padded = runner.pass(9, 31).positions(new long[] {8, 9});
      for (int layer = 0; layer < 2; layer++) {
        Tensor key = out.get("present." + layer + ".key");
        Tensor value = out.get("present." + layer + ".value");
        exact.cache(layer, key.rows(kept), value.rows(kept));
        // Every head holds its three tokens at other places, with nonsense in between.
        Tensor wideKey = key.rows(0, 0, 0, 0, 0);
        Tensor wideValue = value.rows(0, 0, 0, 0, 0);
        Tensor bias = Tensor.zeros(1, 2, 1, 5);
        for (int g = 0; g < 2; g++) {
          int[] places = g == 0 ? new int[] {0, 1, 2} : new int[] {1, 3, 4};
          for (int s = 0; s < 5; s++) {
            int index = Arrays.binarySearch(places, s);
            bias.set(index < 0 ? OwnGraph.MASKED : 0, 0, g, 0, s);
            for (int d = 0; d < 8; d++) {
              wideKey.set(index < 0 ? 1e3f : key.at(0, g, kept[index], d), 0, g, s, d);
              wideValue.set(index < 0 ? -1e3f : value.at(0, g, kept[index], d), 0, g, s, d);
            }
          }
        }
        padded.cache(layer, wideKey, wideValue).bias(layer, bias);
      }
      assertThat(padded.run().get("logits").data())
          .usingComparatorWithPrecision(TOLERANCE)
          .containsExactly(exact.run().get("logits").data());
    }
  }

  @Test
  void aHeadWithoutAnyTokenGivesNoNan() throws OrtException {
    try (GraphRunner runner = GraphRunner.open(model.decomposed())) {
      Map<String, Tensor> out = runner.pass(Arrays.copyOf(IDS, 4)).run();
      Tensor bias = Tensor.zeros(1, 2, 1, 4);
      Arrays.fill(bias.data(), OwnGraph.MASKED);
      Map<String, Tensor> masked =
          runner
              .pass(9)
              .positions(new long[] {4})
              .mask(new long[] {0})
              .after(out)
              .bias(0, bias)
              .bias(1, bias)
              .run();
      for (float logit : masked.get("logits").data()) {
        assertThat(logit).isFinite();
      }
    }
  }

  @Test
  void paddedNewTokensAreInvisibleToTheOthers() throws OrtException {
    try (GraphRunner runner = GraphRunner.open(model.decomposed())) {
      Tensor alone = runner.pass(7, 8).run().get("logits");
      Tensor padded =
          runner
              .batch(new long[] {33, 7, 8}, new long[] {1, 2, 3})
              .positions(new long[] {0, 0, 1}, new long[] {0, 1, 2})
              .mask(new long[] {0, 1, 1}, new long[] {1, 1, 1})
              .run()
              .get("logits");
      for (int v = 0; v < 40; v++) {
        assertThat(padded.at(0, 2, v)).isCloseTo(alone.at(0, 1, v), within(TOLERANCE));
      }
    }
  }

  /**
   * One token per row at a time; ONNX Runtime refuses longer passes over a cache for more than one
   * row.
   */
  @Test
  void fusedFormDecodesBatches() throws OrtException {
    try (GraphRunner fused = GraphRunner.open(model.fused());
        GraphRunner decomposed = GraphRunner.open(model.decomposed())) {
      long[] first = Arrays.copyOf(IDS, 6);
      long[] second = Arrays.copyOfRange(IDS, 5, 11);
      long[] tail = {9};
      long[] positions = {6};
      float[][] logits = new float[2][];
      for (int i = 0; i < 2; i++) {
        GraphRunner runner = i == 0 ? decomposed : fused;
        Map<String, Tensor> out = runner.batch(first, second).run();
        GraphRunner.Pass next = runner.batch(tail, tail).positions(positions, positions);
        logits[i] = next.after(out).run().get("logits").data();
      }
      assertThat(logits[1]).usingComparatorWithPrecision(TOLERANCE).containsExactly(logits[0]);
    }
  }

  /**
   * Unequal chunks, then single tokens, in one buffer per layer that is both past and present, each
   * layer with a length of its own.
   */
  @Test
  void fusedFormAppendsInPlace() throws OrtException {
    int capacity = 16;
    int[] chunks = {5, 3, 1, 1, 1};
    try (GraphRunner reference = GraphRunner.open(model.decomposed());
        SharedBuffers fused = new SharedBuffers(model.fused(), capacity)) {
      Map<String, Tensor> expected = null;
      int at = 0;
      for (int chunk : chunks) {
        long[] ids = Arrays.copyOfRange(IDS, at, at + chunk);
        GraphRunner.Pass pass = reference.pass(ids).positions(GraphRunner.range(at, at + chunk));
        if (expected != null) {
          pass.after(expected);
        }
        expected = pass.run();
        float[] found = fused.run(ids, at);
        assertThat(found)
            .usingComparatorWithPrecision(TOLERANCE)
            .containsExactly(expected.get("logits").data());
        at += chunk;
        if (at == 8) {
          // The last layer forgets its two newest tokens: lengths now differ by layer.
          fused.lengths[1] -= 2;
          expected.put("present.1.key", expected.get("present.1.key").rows(0, 1, 2, 3, 4, 5));
          expected.put("present.1.value", expected.get("present.1.value").rows(0, 1, 2, 3, 4, 5));
        }
      }
    }
  }

  /** Session over the fused graph whose caches are direct buffers bound as input and output. */
  private static final class SharedBuffers implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Map<String, OnnxTensor> past = new HashMap<>();
    private final Map<String, OnnxTensor> present = new HashMap<>();
    private final int[] lengths = new int[2];
    private final DecoderGraph graph;

    SharedBuffers(Path onnx, int capacity) throws OrtException {
      graph = DecoderGraph.read(onnx);
      try (OrtSession.SessionOptions options = GraphRunner.options()) {
        session = environment.createSession(onnx.toString(), options);
      }
      for (LayerPorts layer : graph.ports().layers()) {
        share(layer.pastKey(), layer.presentKey(), capacity);
        share(layer.pastValue(), layer.presentValue(), capacity);
      }
    }

    private void share(String input, String output, int capacity) throws OrtException {
      FloatBuffer buffer =
          ByteBuffer.allocateDirect(2 * capacity * 8 * Float.BYTES)
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
      OnnxTensor tensor =
          OnnxTensor.createTensor(environment, buffer, new long[] {1, 2, capacity, 8});
      past.put(input, tensor);
      present.put(output, tensor);
    }

    float[] run(long[] ids, int position) throws OrtException {
      Map<String, OnnxTensor> inputs = new HashMap<>(past);
      long[] shape = {1, ids.length};
      inputs.put("input_ids", OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape));
      inputs.put(
          "position_ids",
          OnnxTensor.createTensor(
              environment,
              LongBuffer.wrap(GraphRunner.range(position, position + ids.length)),
              shape));
      for (LayerPorts layer : graph.ports().layers()) {
        inputs.put(
            layer.cacheLength(),
            OnnxTensor.createTensor(
                environment, IntBuffer.wrap(new int[] {lengths[layer.layer()]}), new long[] {1}));
        lengths[layer.layer()] += ids.length;
      }
      try (OrtSession.Result result = session.run(inputs, Set.of("logits"), present)) {
        FloatBuffer logits = ((OnnxTensor) result.get("logits").orElseThrow()).getFloatBuffer();
        float[] copy = new float[logits.remaining()];
        logits.get(copy);
        return copy;
      }
    }

    @Override
    public void close() throws OrtException {
      session.close();
      past.values().forEach(OnnxTensor::close);
    }
  }
}
