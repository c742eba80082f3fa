package dev.kvpress.runtime.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.onnx.ModelProto;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs of all kinds with signals added: what they gave before stays, bit for bit. */
class SignalBranchesTest {
  private static final TapRequest REQUEST =
      TapRequest.NONE
          .withColumnSums()
          .withLastRows(3)
          .withFullAttention()
          .withQueries(2)
          .withQueriesPreRope(TapRequest.ALL)
          .withHiddenStates();

  @TempDir Path folder;

  static List<ZooGraph> graphs() {
    // The one kind that gives no signal.
    return ZooGraph.all().stream().filter(g -> !g.name().equals("unrotated-cache")).toList();
  }

  private static Path file(ZooGraph graph) {
    Path path = graph.path();
    return Files.isDirectory(path) ? path.resolve("decoder_with_past_model.onnx") : path;
  }

  private Path tapped(DecoderGraph graph, TapRequest request, String name) {
    Path output = folder.resolve(name);
    GraphFile.write(SignalBranches.add(graph, request), graph.folder(), output);
    return output;
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void outputsStayAndSignalsAreThoseOfTheAttention(ZooGraph kind) throws OrtException {
    DecoderGraph graph = DecoderGraph.read(file(kind));
    int[] ids = kind.prompt();
    try (FoundGraphRunner before = new FoundGraphRunner(graph.file());
        FoundGraphRunner after = new FoundGraphRunner(tapped(graph, REQUEST, "tapped.onnx"))) {
      assertThat(after.outputs().subList(0, before.outputs().size())).isEqualTo(before.outputs());
      int[][] passes =
          before.passes(Arrays.copyOf(ids, 11), Arrays.copyOfRange(ids, 11, ids.length));
      Map<String, OnnxTensor> expected = before.run(passes);
      Map<String, OnnxTensor> found = after.run(passes);
      for (String output : before.outputs()) {
        assertThat(found.get(output).getByteBuffer())
            .as(output)
            .isEqualTo(expected.get(output).getByteBuffer());
      }
      for (LayerPorts layer : graph.ports().layers()) {
        assertReduced(found, layer.layer(), passes[passes.length - 1].length, ids.length);
      }
    }
  }

  private static void assertReduced(
      Map<String, OnnxTensor> outputs, int layer, int queries, int total) throws OrtException {
    OnnxTensor attention = outputs.get("attentions." + layer);
    long[] shape = attention.getInfo().getShape();
    int heads = (int) shape[1];
    assertThat(shape).containsExactly(1, heads, queries, total);
    FloatBuffer whole = attention.getFloatBuffer();
    FloatBuffer sums = outputs.get("attention_sums." + layer).getFloatBuffer();
    FloatBuffer rows = outputs.get("attention_rows." + layer).getFloatBuffer();
    assertThat(outputs.get("queries." + layer).getInfo().getShape()[2])
        .isEqualTo(Math.min(2, queries));
    assertThat(outputs.get("queries_pre_rope." + layer).getInfo().getShape()[2]).isEqualTo(queries);
    assertThat(outputs.get("hidden_states." + layer).getInfo().getShape()[1]).isEqualTo(queries);
    for (int h = 0; h < heads; h++) {
      for (int t = 0; t < total; t++) {
        double sum = 0;
        for (int q = 0; q < queries; q++) {
          sum += whole.get((h * queries + q) * total + t);
        }
        assertThat((double) sums.get(h * total + t)).isCloseTo(sum, within(1e-5));
        int window = Math.min(3, queries);
        assertThat(rows.get((h * window + window - 1) * total + t))
            .isEqualTo(whole.get((h * queries + queries - 1) * total + t));
      }
    }
  }

  /** The attention that a fused operator hides is the one that the same model shows elsewhere. */
  @Test
  void theAttentionOfAFusedOperatorIsThatOfThePlainGraph() throws OrtException {
    int[] ids = ZooGraph.named("optimum").prompt();
    TapRequest sums = TapRequest.NONE.withColumnSums();
    DecoderGraph plain = DecoderGraph.read(file(ZooGraph.named("optimum")));
    DecoderGraph fused = DecoderGraph.read(file(ZooGraph.named("gqa-rotary-packed")));
    try (FoundGraphRunner a = new FoundGraphRunner(tapped(plain, sums, "plain.onnx"));
        FoundGraphRunner b = new FoundGraphRunner(tapped(fused, sums, "fused/fused.onnx"))) {
      FloatBuffer expected = a.run(ids).get("attention_sums.1").getFloatBuffer();
      FloatBuffer found = b.run(ids).get("attention_sums.1").getFloatBuffer();
      for (int i = 0; i < expected.capacity(); i++) {
        assertThat(found.get(i)).isCloseTo(expected.get(i), within(1e-4f));
      }
    }
  }

  @Test
  void aTappedGraphCanBeTappedAgain() throws OrtException {
    DecoderGraph graph = DecoderGraph.read(file(ZooGraph.named("optimum")));
    Path once = tapped(graph, TapRequest.NONE.withLastRows(2).withColumnSums(), "once.onnx");
    DecoderGraph again = DecoderGraph.read(once);
    assertThat(again.ports()).isEqualTo(graph.ports());
    ModelProto twice = SignalBranches.add(again, TapRequest.NONE.withHiddenStates());
    assertThat(twice.getGraph().getOutputList())
        .extracting(output -> output.getName())
        .contains("attention_rows.1", "hidden_states.1");
    Path file = folder.resolve("twice.onnx");
    GraphFile.write(twice, again.folder(), file);
    try (FoundGraphRunner runner = new FoundGraphRunner(file)) {
      assertThat(runner.run(new int[] {1, 2, 3}).get("hidden_states.0").getInfo().getShape())
          .containsExactly(1, 3, 16);
    }
    assertThatThrownBy(() -> SignalBranches.add(again, TapRequest.NONE.withLastRows(3)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has a value attention_rows.0 already");
  }

  @Test
  void weightsAreSharedBelowTheOutputAndCopiedElsewhere() throws Exception {
    Path source = folder.resolve("repo/onnx");
    Files.createDirectories(source);
    Files.copy(ZooGraph.FOLDER.resolve("optimum.onnx"), source.resolve("model.onnx"));
    Files.copy(ZooGraph.FOLDER.resolve("weights.bin"), source.resolve("weights.bin"));
    DecoderGraph graph = DecoderGraph.read(source.resolve("model.onnx"));
    ModelProto model = SignalBranches.add(graph, TapRequest.NONE.withColumnSums());
    for (String place : List.of("repo/onnx/sums.onnx", "repo/sums.onnx", "other/sums.onnx")) {
      Path output = folder.resolve(place);
      GraphFile.Written written = GraphFile.write(model, graph.folder(), output);
      assertThat(written.copied().isEmpty()).as(place).isEqualTo(place.startsWith("repo"));
      try (FoundGraphRunner runner = new FoundGraphRunner(output)) {
        assertThat(runner.run(new int[] {1, 2, 3})).containsKey("attention_sums.1");
      }
    }
    assertThatThrownBy(
            () -> GraphFile.write(model, graph.folder(), folder.resolve("other/sums.onnx")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("exists already");
    assertThatThrownBy(() -> GraphFile.write(model, graph.folder(), folder.resolve("other/b.onnx")))
        .hasMessageContaining("weights.bin: exists already");
    assertThat(folder.resolve("other/b.onnx")).doesNotExist();
  }
}
