package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every architecture with weights in every format, against the logits of the original code. */
class WeightFormatsTest {
  @TempDir static Path cache;

  /** Most that a format may move logits, as a part of their size; random weights are the worst. */
  private static final Map<WeightFormat, Double> BOUNDS =
      Map.of(WeightFormat.F16, 0.01, WeightFormat.INT8, 0.1, WeightFormat.INT4, 0.6);

  static Stream<Arguments> cases() throws IOException {
    return ReferenceFolders.all().stream()
        .flatMap(
            folder ->
                BOUNDS.keySet().stream().sorted().map(format -> Arguments.of(folder, format)));
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("cases")
  void logitsAreNearTheOriginal(Path folder, WeightFormat format) throws Exception {
    JsonNode reference = ReferenceFolders.reference(folder);
    long[] ids =
        StreamSupport.stream(reference.get("input_ids").get(0).spliterator(), false)
            .mapToLong(JsonNode::longValue)
            .toArray();
    float[] expected = flat(reference.get("logits"));
    ExportedModel model = ExportCache.of(cache).export(folder, format, Optional.empty());
    for (AttentionForm form : List.of(AttentionForm.DECOMPOSED, AttentionForm.FUSED)) {
      if (form == AttentionForm.FUSED && !model.config().fusable()) {
        continue;
      }
      try (GraphRunner runner = GraphRunner.open(model.graph(form))) {
        float[] found = runner.pass(ids).run().get("logits").data();
        assertThat(relativeError(found, expected)).as("%s", form).isLessThan(BOUNDS.get(format));
      }
    }
    Path file = cache.resolve(folder.getFileName() + "-" + format.label() + ".onnx");
    ModelExporter.export(
        Checkpoint.open(folder),
        file,
        new ExportOptions(
            AttentionForm.DECOMPOSED,
            TapRequest.NONE,
            ExportOptions.DEFAULT_INLINE_LIMIT_BYTES,
            false,
            format));
    try (GraphRunner inline = GraphRunner.open(file);
        GraphRunner external = GraphRunner.open(model.decomposed())) {
      // The same numbers whether they lie within the graph or beside it, halves or widened ones.
      assertThat(inline.pass(ids).run().get("logits").data())
          .isEqualTo(external.pass(ids).run().get("logits").data());
    }
  }

  static Stream<Path> folders() throws IOException {
    return ReferenceFolders.all().stream();
  }

  /** A matrix that stays wide unseen would make a format a name only. */
  @ParameterizedTest
  @MethodSource("folders")
  void onlyChoicesAreMultipliedWide(Path folder) throws IOException {
    ExportedModel model = ExportCache.of(cache).export(folder, WeightFormat.INT8, Optional.empty());
    GraphProto graph = ModelProto.parseFrom(Files.readAllBytes(model.decomposed())).getGraph();
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("Gemm")) {
        String weight = node.getInput(1);
        boolean turned = node.getAttributeCount() == 0;
        long inputs =
            graph.getInitializerList().stream()
                .filter(tensor -> tensor.getName().equals(weight))
                .mapToLong(tensor -> tensor.getDims(turned ? 0 : 1))
                .findFirst()
                .orElseThrow();
        boolean choice = weight.matches(".*(router|gate\\.weight|shared_expert_gate).*");
        // Embeddings are read by pieces too, which end where blocks do.
        boolean uncut = weight.matches(".*(embed|wte).*") && inputs % 16 != 0;
        assertThat(choice || uncut || inputs < 16).as("%s of %d inputs", weight, inputs).isTrue();
      }
    }
  }

  private static double relativeError(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double error = 0;
    double size = 0;
    for (int i = 0; i < found.length; i++) {
      error += Math.pow(found[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / size);
  }

  private static float[] flat(JsonNode node) {
    float[] all = new float[count(node)];
    fill(node, all, 0);
    return all;
  }

  private static int count(JsonNode node) {
    int count = node.isNumber() ? 1 : 0;
    for (JsonNode child : node) {
      count += count(child);
    }
    return count;
  }

  private static int fill(JsonNode node, float[] into, int start) {
    if (node.isNumber()) {
      into[start] = node.floatValue();
      return start + 1;
    }
    int at = start;
    for (JsonNode child : node) {
      at = fill(child, into, at);
    }
    return at;
  }
}
