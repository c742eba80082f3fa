package dev.kvpress.runtime.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphWeightsTest {
  private static final int UINT4 = 21;

  private static TensorProto tensor(String name, int type, long... dims) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type);
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    return tensor.build();
  }

  private static NodeProto.Builder node(String operator, String... inputs) {
    return NodeProto.newBuilder().setOpType(operator).addAllInput(List.of(inputs)).addOutput("y");
  }

  private static NodeProto with(NodeProto.Builder node, String attribute, int value) {
    return node.addAttribute(AttributeProto.newBuilder().setName(attribute).setI(value)).build();
  }

  @Test
  void anOperatorSaysWhatLiesInABytes() {
    GraphProto graph =
        GraphProto.newBuilder()
            .addInitializer(tensor("w4", DataType.UINT8_VALUE, 64, 2, 16))
            .addInitializer(tensor("s4", DataType.FLOAT_VALUE, 128))
            .addInitializer(tensor("w8", DataType.UINT8_VALUE, 64, 2, 32))
            .addInitializer(tensor("s8", DataType.FLOAT16_VALUE, 128))
            .addInitializer(tensor("rows", UINT4, 10, 16))
            .addInitializer(tensor("norm", DataType.FLOAT_VALUE, 64))
            .addInitializer(tensor("shape", DataType.INT64_VALUE, 4000))
            .addNode(node("MatMulNBits", "x", "w4", "s4"))
            .addNode(with(node("MatMulNBits", "x", "w8", "s8"), "bits", 8))
            .addNode(with(node("GatherBlockQuantized", "rows", "ids", "s8"), "bits", 4))
            .build();

    assertThat(StoredNumbers.of(graph))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "int4 (MatMulNBits)", 4096L,
                "int8 (MatMulNBits)", 4096L,
                "int4 (GatherBlockQuantized)", 160L,
                "f32", 64L));
  }

  @Test
  void branchesAndConstantsOfNodesCount() {
    GraphProto branch =
        GraphProto.newBuilder()
            .addInitializer(tensor("w", DataType.INT8_VALUE, 8, 8))
            .addNode(node("MatMulInteger", "x", "w"))
            .build();
    GraphProto graph =
        GraphProto.newBuilder()
            .addNode(
                node("If", "condition")
                    .addAttribute(AttributeProto.newBuilder().setName("then_branch").setG(branch)))
            .addNode(
                node("Constant")
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("value")
                            .setT(tensor("", DataType.FLOAT16_VALUE, 3, 3))))
            .build();

    assertThat(StoredNumbers.of(graph))
        .containsExactlyInAnyOrderEntriesOf(Map.of("int8 (MatMulInteger)", 64L, "f16", 9L));
  }

  @Test
  void theLargestShareComesFirstAndSmallOnesGoUnnamed() {
    GraphWeights weights =
        GraphWeights.of(Map.of("int4 (MatMulNBits)", 900L, "f16", 80L, "f32", 20L), 500);

    assertThat(weights)
        .isEqualTo(new GraphWeights("int4 (MatMulNBits) and f16", "int4", true, 500));
    assertThat(GraphWeights.of(Map.of(), 0).label()).isEqualTo("none");
    assertThat(GraphWeights.of(Map.of("f32", 5L), 20).quantized()).isFalse();
  }

  @Test
  void graphsOfOtherToolsTellTheirs() {
    assertThat(GraphWeights.of(DecoderGraph.read(ZooGraph.FOLDER.resolve("gqa-rotary-nbits.onnx"))))
        .satisfies(
            weights -> {
              assertThat(weights.label()).startsWith("int4 (MatMulNBits)");
              assertThat(weights.quantized()).isTrue();
            });
    assertThat(GraphWeights.of(DecoderGraph.read(ZooGraph.FOLDER.resolve("f16.onnx"))).label())
        .isEqualTo("f16");
    assertThat(GraphWeights.of(DecoderGraph.read(ZooGraph.FOLDER.resolve("einsum.onnx"))).label())
        .isEqualTo("f32");
  }
}
