package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Checkpoints that come quantized, against logits of the original code on their numbers. */
class QuantizedCheckpointsTest {
  private static final String BLOCKS = "MatMulNBits";

  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return QuantizedFolders.all();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void theirNumbersGiveTheOriginalsLogits(Path folder) throws Exception {
    ExportedModel model = export(folder, WeightFormat.F32);
    assertThat(count(model, BLOCKS)).isZero();
    for (AttentionForm form : List.of(AttentionForm.DECOMPOSED, AttentionForm.FUSED)) {
      assertOriginal(folder, model.graph(form));
    }
  }

  /** With products of float32 activations the blocks give the same numbers. */
  @ParameterizedTest
  @MethodSource("folders")
  void theirBlocksAreTheSameNumbers(Path folder) throws Exception {
    ExportedModel model = export(folder, WeightFormat.STORED);
    for (AttentionForm form : List.of(AttentionForm.DECOMPOSED, AttentionForm.FUSED)) {
      Path exact = model.decomposed().resolveSibling("exact-" + form + ".onnx");
      Files.write(exact, withWideActivations(graph(model.graph(form))).toByteArray());
      assertOriginal(folder, exact);
    }
  }

  /** How many products of blocks a graph has says what was taken as it is. */
  @ParameterizedTest
  @CsvSource({
    "gptq-4,14,14,14",
    "gptq-4-symmetric,14,14,14",
    "gptq-4-v2,14,14,14",
    "gptq-4-rows,14,14,14",
    "gptq-8,14,14,0",
    "awq,14,14,14",
    "awq-gemv,14,14,14",
    "compressed-4,14,14,14",
    "compressed-4-zeros,14,14,14",
    "compressed-8-channel,14,14,0",
    "gptq-4-act-order,14,14,14",
    "gptq-3,0,0,0",
    "gptq-2,0,0,0"
  })
  void blocksOfNoMoreBitsAreTakenAsTheyAre(String name, int stored, int int8, int int4)
      throws IOException {
    Checkpoint checkpoint = Checkpoint.open(QuantizedFolders.named(name));
    assertThat(kept(checkpoint, WeightFormat.STORED)).isEqualTo(stored);
    assertThat(kept(checkpoint, WeightFormat.INT8)).isEqualTo(int8);
    assertThat(kept(checkpoint, WeightFormat.INT4)).isEqualTo(int4);
    assertThat(kept(checkpoint, WeightFormat.F16)).isZero();
  }

  /** Weights whose stored data do not depend on rounding: those of the checkpoint's own blocks. */
  private static int kept(Checkpoint checkpoint, WeightFormat format) {
    return (int)
        checkpoint.plan(format, true).forms().stream()
            .filter(form -> form.toString().contains("stored=dev"))
            .count();
  }

  @ParameterizedTest
  @CsvSource({
    "gptq-4,'GPTQ, 4 bits, groups of 32): 14 matrices'",
    "awq,'AWQ, 4 bits, groups of 32): 14 matrices'",
    "compressed-8-channel,'compressed-tensors, 8 bits, one group a row): 14 matrices'"
  })
  void thatWeightsAreQuantizedStandsBesideFigures(String name, String text) {
    List<Remark> said = Checkpoint.open(QuantizedFolders.named(name)).notices();
    assertThat(Remark.onFigures(said)).singleElement().asString().contains(text);
  }

  @ParameterizedTest
  @CsvSource({"gptq-3,3 bits", "gptq-2,2 bits"})
  void whatIsNotTakenAsItIsIsSaid(String name, String why) {
    assertThat(Checkpoint.open(QuantizedFolders.named(name)).notices())
        .anyMatch(remark -> remark.text().contains("(" + why) || remark.text().contains(why + ")"));
  }

  private static ExportedModel export(Path folder, WeightFormat format) {
    return ExportCache.of(cache).export(folder, format, Optional.empty());
  }

  private static ModelProto graph(Path file) throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(file));
  }

  private static long count(ExportedModel model, String operator) throws IOException {
    return graph(model.decomposed()).getGraph().getNodeList().stream()
        .filter(node -> node.getOpType().equals(operator))
        .count();
  }

  private static ModelProto withWideActivations(ModelProto model) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (NodeProto.Builder node : graph.getNodeBuilderList()) {
      for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
        if (attribute.getName().equals("accuracy_level")) {
          attribute.setI(1);
        }
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }

  private static float[] run(Path folder, Path graph) throws Exception {
    try (GraphRunner runner = GraphRunner.open(graph, TapRequest.NONE)) {
      return runner.pass(QuantizedFolders.ids(folder)).run().get("logits").data();
    }
  }

  private static double[] logits(Path folder) {
    JsonNode rows = ReferenceFolders.reference(folder).get("logits");
    double[] all = new double[rows.size() * rows.get(0).size()];
    int at = 0;
    for (JsonNode row : rows) {
      for (JsonNode number : row) {
        all[at++] = number.doubleValue();
      }
    }
    return all;
  }

  private static void assertOriginal(Path folder, Path graph) throws Exception {
    float[] found = run(folder, graph);
    double[] expected = logits(folder);
    assertThat(found).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(found[i] - expected[i]))
          .as("element %d: %s against %s", i, found[i], expected[i])
          .isLessThanOrEqualTo(2e-4 * (1 + Math.abs(expected[i])));
    }
  }
}
