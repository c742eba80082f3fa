package dev.kvpress.runtime.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ExportedModel;
import dev.kvpress.runtime.export.GraphRunner;
import dev.kvpress.runtime.export.Tensor;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Taps of own graphs against the whole attention that the same graph emits. */
class AttentionTapTest {
  private static final TapRequest EVERYTHING =
      TapRequest.NONE
          .withColumnSums()
          .withColumnMaxima()
          .withLastRows(3)
          .withFullAttention()
          .withQueries(2)
          .withQueriesPreRope(TapRequest.ALL)
          .withHiddenStates();

  @TempDir static Path folder;
  private static ExportedModel model;

  @BeforeAll
  static void export() throws IOException {
    Path checkpoint = TinyCheckpoint.llama().write(folder.resolve("model"));
    model = ExportCache.of(folder.resolve("cache")).export(checkpoint);
  }

  @ParameterizedTest
  @CsvSource({"1,0", "1,5", "2,7", "7,0", "13,4"})
  void sumsAndRowsAreThoseOfTheWholeAttention(int queries, int past) throws OrtException {
    try (GraphRunner runner = GraphRunner.open(model.decomposed(), EVERYTHING)) {
      Map<String, Tensor> out = runAfter(runner, queries, past);
      for (int layer = 0; layer < 2; layer++) {
        Tensor full = out.get("attentions." + layer);
        Tensor sums = out.get("attention_sums." + layer);
        Tensor maxima = out.get("attention_maxima." + layer);
        Tensor rows = out.get("attention_rows." + layer);
        int window = Math.min(3, queries);
        assertThat(full.shape()).containsExactly(1, 4, queries, past + queries);
        assertThat(sums.shape()).containsExactly(1, 4, past + queries);
        assertThat(rows.shape()).containsExactly(1, 4, window, past + queries);
        for (int h = 0; h < 4; h++) {
          for (int t = 0; t < past + queries; t++) {
            double sum = 0;
            float most = 0;
            for (int q = 0; q < queries; q++) {
              sum += full.at(0, h, q, t);
              most = Math.max(most, full.at(0, h, q, t));
            }
            assertThat(maxima.at(0, h, t)).isEqualTo(most);
            assertThat((double) sums.at(0, h, t)).isCloseTo(sum, within(1e-6 * queries));
            for (int w = 0; w < window; w++) {
              assertThat(rows.at(0, h, w, t)).isEqualTo(full.at(0, h, queries - window + w, t));
            }
          }
        }
      }
    }
  }

  @Test
  void invalidQueriesDoNotCount() throws OrtException {
    try (GraphRunner runner = GraphRunner.open(model.decomposed(), EVERYTHING)) {
      long[] row = {9, 4, 7, 2, 11};
      Map<String, Tensor> alone = runner.pass(9, 4, 7).run();
      Map<String, Tensor> padded =
          runner.batch(row, row).mask(new long[] {1, 1, 1, 0, 0}, new long[] {1, 1, 1, 1, 1}).run();
      for (int h = 0; h < 4; h++) {
        for (int t = 0; t < 3; t++) {
          assertThat(padded.get("attention_sums.1").at(0, h, t))
              .isCloseTo(alone.get("attention_sums.1").at(0, h, t), within(1e-5f));
        }
        for (int t = 0; t < 3; t++) {
          assertThat(padded.get("attention_maxima.1").at(0, h, t))
              .isCloseTo(alone.get("attention_maxima.1").at(0, h, t), within(1e-5f));
        }
        assertThat(padded.get("attention_maxima.1").at(0, h, 3)).isZero();
        assertThat(padded.get("attention_sums.1").at(0, h, 3)).isZero();
        assertThat(padded.get("attention_sums.1").at(1, h, 4)).isPositive();
      }
    }
  }

  @Test
  void queriesTurnedByHandAreTheRotatedOnes() throws OrtException {
    try (GraphRunner runner = GraphRunner.open(model.decomposed(), EVERYTHING)) {
      Map<String, Tensor> out = runner.pass(5, 6, 7, 8).run();
      Tensor turned = out.get("queries.0");
      Tensor plain = out.get("queries_pre_rope.0");
      assertThat(turned.shape()).containsExactly(1, 4, 2, 8);
      assertThat(plain.shape()).containsExactly(1, 4, 4, 8);
      for (int h = 0; h < 4; h++) {
        for (int q = 2; q < 4; q++) {
          for (int i = 0; i < 4; i++) {
            double angle = q * Math.pow(10_000, -2.0 * i / 8);
            double low = plain.at(0, h, q, i);
            double high = plain.at(0, h, q, i + 4);
            assertThat((double) turned.at(0, h, q - 2, i))
                .isCloseTo(low * Math.cos(angle) - high * Math.sin(angle), within(1e-5));
            assertThat((double) turned.at(0, h, q - 2, i + 4))
                .isCloseTo(high * Math.cos(angle) + low * Math.sin(angle), within(1e-5));
          }
        }
      }
      assertThat(out.get("hidden_states.0").shape()).containsExactly(1, 4, 32);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,6", "2,0", "5,3"})
  void fusedFormGivesTheLastRowsToo(int queries, int past) throws OrtException {
    TapRequest rows = TapRequest.NONE.withLastRows(3);
    try (GraphRunner fused = GraphRunner.open(model.fused(), rows);
        GraphRunner decomposed = GraphRunner.open(model.decomposed(), rows)) {
      Map<String, Tensor> expected = runAfter(decomposed, queries, past);
      Map<String, Tensor> actual = runAfter(fused, queries, past);
      for (int layer = 0; layer < 2; layer++) {
        Tensor wanted = expected.get("attention_rows." + layer);
        Tensor found = actual.get("attention_rows." + layer);
        assertThat(found.shape()).isEqualTo(wanted.shape());
        assertThat(found.data()).usingComparatorWithPrecision(1e-5f).containsExactly(wanted.data());
      }
    }
  }

  @Test
  void theLayerBesideAFusedOperatorWaitsForItsRows() {
    DecoderGraph graph = DecoderGraph.read(model.fused());
    GraphProto tapped = GraphTap.tap(graph, TapRequest.NONE.withLastRows(3)).model().getGraph();
    for (int layer = 0; layer < 2; layer++) {
      assertThat(ancestors(tapped, operatorOutput(graph, layer)))
          .as("what the layer %s goes on with", layer)
          .contains("attention_rows." + layer);
    }
    GraphProto quiet = GraphTap.tap(graph, TapRequest.NONE).model().getGraph();
    assertThat(ancestors(quiet, operatorOutput(graph, 0))).doesNotContain("attention_rows.0");
  }

  private static String operatorOutput(DecoderGraph graph, int layer) {
    return graph.model().getGraph().getNodeList().stream()
        .filter(node -> node.getOpType().equals("GroupQueryAttention"))
        .skip(layer)
        .findFirst()
        .orElseThrow()
        .getOutput(0);
  }

  /** Everything that a value is computed from. */
  private static Set<String> ancestors(GraphProto graph, String value) {
    Map<String, NodeProto> writers = new HashMap<>();
    graph.getNodeList().forEach(n -> n.getOutputList().forEach(out -> writers.put(out, n)));
    Set<String> found = new HashSet<>();
    List<String> open = new ArrayList<>(List.of(value));
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      if (found.add(name) && writers.containsKey(name)) {
        open.addAll(writers.get(name).getInputList());
      }
    }
    return found;
  }

  @Test
  void tappingDoesNotChangeABit() throws OrtException {
    try (GraphRunner plain = GraphRunner.open(model.decomposed());
        GraphRunner tapped = GraphRunner.open(model.decomposed(), EVERYTHING);
        GraphRunner even =
            GraphRunner.open(model.decomposed(), TapRequest.NONE.withoutCacheBias());
        GraphRunner fused = GraphRunner.open(model.fused());
        GraphRunner fusedTapped =
            GraphRunner.open(
                model.fused(), TapRequest.NONE.withLastRows(3).withQueries(2).withHiddenStates())) {
      float[] logits = runAfter(plain, 5, 4).get("logits").data();
      assertThat(runAfter(tapped, 5, 4).get("logits").data()).containsExactly(logits);
      assertThat(runAfter(even, 5, 4).get("logits").data()).containsExactly(logits);
      assertThat(even.ports().hasCacheBias()).isFalse();
      assertThat(runAfter(fusedTapped, 5, 4).get("logits").data())
          .containsExactly(runAfter(fused, 5, 4).get("logits").data());
    }
  }

  @Test
  void lastLogitsAreTheLastOfAll() throws OrtException {
    for (Path onnx : new Path[] {model.decomposed(), model.fused()}) {
      try (GraphRunner all = GraphRunner.open(onnx);
          GraphRunner last = GraphRunner.open(onnx, TapRequest.NONE.withLastLogits())) {
        Tensor expected = all.batch(new long[] {1, 2, 3}, new long[] {4, 5, 6}).run().get("logits");
        Tensor found = last.batch(new long[] {1, 2, 3}, new long[] {4, 5, 6}).run().get("logits");
        assertThat(last.ports().lastLogitsOnly()).isTrue();
        assertThat(found.shape()).containsExactly(2, 1, 40);
        for (int b = 0; b < 2; b++) {
          for (int v = 0; v < 40; v++) {
            assertThat(found.at(b, 0, v)).isCloseTo(expected.at(b, 2, v), within(1e-5f));
          }
        }
      }
    }
  }

  @Test
  void aTappedFileCanBeTappedAnew() throws IOException, OrtException {
    TappedGraph first =
        GraphTap.tap(DecoderGraph.read(model.decomposed()), EVERYTHING.withLastLogits());
    Path file = model.folder().resolve("tapped.onnx");
    Files.write(file, first.modelBytes());
    try (GraphRunner plain = GraphRunner.open(model.decomposed());
        GraphRunner again = GraphRunner.open(file, TapRequest.NONE.withColumnSums())) {
      assertThat(DecoderGraph.read(file).ports().lastLogitsOnly()).isTrue();
      Map<String, Tensor> out = again.pass(3, 1, 4).run();
      assertThat(out).containsKey("attention_sums.1").doesNotContainKey("attentions.1");
      assertThat(out.get("logits").data())
          .containsExactly(plain.pass(3, 1, 4).run().get("logits").data());
    }
  }

  @ParameterizedTest
  @CsvSource({"1,0", "1,6", "7,0", "5,3"})
  void fusedFormGivesTheSameAttentionToRounding(int queries, int past) throws OrtException {
    TapRequest request =
        TapRequest.NONE.withColumnSums().withColumnMaxima().withLastRows(3).withFullAttention();
    try (GraphRunner fused = GraphRunner.open(model.fused(), request);
        GraphRunner decomposed = GraphRunner.open(model.decomposed(), request)) {
      Map<String, Tensor> expected = runAfter(decomposed, queries, past);
      Map<String, Tensor> actual = runAfter(fused, queries, past);
      for (String signal :
          new String[] {"attention_sums.", "attention_maxima.", "attention_rows.", "attentions."}) {
        for (int layer = 0; layer < 2; layer++) {
          Tensor wanted = expected.get(signal + layer);
          Tensor found = actual.get(signal + layer);
          assertThat(found.shape()).isEqualTo(wanted.shape());
          assertThat(found.data())
              .usingComparatorWithPrecision(1e-5f)
              .containsExactly(wanted.data());
        }
      }
    }
  }

  @Test
  void aTappedFusedFileCanBeTappedAnew() throws IOException, OrtException {
    TapRequest sums = TapRequest.NONE.withColumnSums();
    Path file = model.folder().resolve("tapped_fused.onnx");
    Files.write(file, GraphTap.tap(DecoderGraph.read(model.fused()), sums).modelBytes());
    try (GraphRunner plain = GraphRunner.open(model.fused());
        GraphRunner quiet = GraphRunner.open(file);
        GraphRunner again = GraphRunner.open(file, sums)) {
      float[] logits = plain.pass(3, 1, 4).run().get("logits").data();
      assertThat(quiet.pass(3, 1, 4).run()).doesNotContainKey("attention_sums.1");
      assertThat(quiet.pass(3, 1, 4).run().get("logits").data()).containsExactly(logits);
      Map<String, Tensor> out = again.pass(3, 1, 4).run();
      assertThat(out).containsKey("attention_sums.1");
      // The operator computes in another order when it has to give its softmax.
      assertThat(out.get("logits").data())
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(logits);
    }
  }

  private static Map<String, Tensor> runAfter(GraphRunner runner, int queries, int past)
      throws OrtException {
    long[] ids = new long[past + queries];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (i * 7L + 3) % 40;
    }
    long[] fresh = Arrays.copyOfRange(ids, past, ids.length);
    if (past == 0) {
      return runner.pass(fresh).run();
    }
    Map<String, Tensor> before = runner.pass(Arrays.copyOf(ids, past)).run();
    return runner
        .pass(fresh)
        .positions(GraphRunner.range(past, past + queries))
        .after(before)
        .run();
  }
}
