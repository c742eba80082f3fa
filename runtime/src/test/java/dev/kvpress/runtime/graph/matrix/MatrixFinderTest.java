package dev.kvpress.runtime.graph.matrix;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of a quantized matrix is what the engine multiplies by. */
class MatrixFinderTest {
  private static final int K = 40;
  private static final int N = 6;

  private static void assertAsMultiplied(MatrixGraph graph, String product)
      throws OrtException, UnreadableMatrix {
    FloatTensor read = graph.read(product);
    float[] expected = graph.multiplied();
    assertThat(read.shape()).containsExactly(N, K);
    float largest = 0;
    for (int k = 0; k < K; k++) {
      for (int n = 0; n < N; n++) {
        float wanted = expected[k * N + n];
        largest = Math.max(largest, Math.abs(wanted));
        assertThat(read.get(n * K + k))
            .as("input %d, output %d", k, n)
            .isCloseTo(wanted, within(1e-5f * (1 + Math.abs(wanted))));
      }
    }
    assertThat(largest).isGreaterThan(0.1f);
  }

  private static List<AttributeProto> blocks(int bits, AttributeProto... more) {
    List<AttributeProto> attributes =
        new ArrayList<>(
            List.of(
                attribute("K", K),
                attribute("N", N),
                attribute("bits", bits),
                attribute("block_size", 16)));
    attributes.addAll(List.of(more));
    return attributes;
  }

  /** Three blocks of 16 for 40 inputs, so that zero points of 4 and 2 bits end within a byte. */
  @ParameterizedTest
  @CsvSource({"2,none", "2,packed", "4,none", "4,packed", "4,floats", "8,none", "8,packed"})
  void blocksAreReadAsTheyAreMultiplied(int bits, String zeros) throws Exception {
    MatrixGraph graph = new MatrixGraph(K);
    String codes = graph.codes("codes", MatrixGraph.UINT8, N * 3 * 2 * bits, N, 3, 2 * bits);
    String scales = graph.scales("scales", MatrixGraph.FLOAT, N * 3, N * 3);
    int rowBytes = (3 * bits + 7) / 8;
    String zero =
        switch (zeros) {
          case "packed" -> graph.codes("zeros", MatrixGraph.UINT8, N * rowBytes, N * rowBytes);
          case "floats" -> graph.scales("zeros", MatrixGraph.FLOAT, N * 3, N * 3);
          default -> "";
        };
    graph.contrib("MatMulNBits", blocks(bits), "y", "x", codes, scales, zero);
    assertAsMultiplied(graph, "y");
  }

  @Test
  void scalesMayBeOfSixteenBitsAndOfTwoAxes() throws Exception {
    FloatTensor expected = null;
    for (int type : List.of(MatrixGraph.FLOAT, MatrixGraph.FLOAT16, MatrixGraph.BFLOAT16)) {
      MatrixGraph graph = new MatrixGraph(K);
      String codes = graph.codes("codes", MatrixGraph.UINT8, N * 3 * 8, N, 3, 8);
      String scales = graph.scales("scales", type, N * 3, N, 3);
      graph.contrib("MatMulNBits", blocks(4), "y", "x", codes, scales);
      FloatTensor read = graph.read("y");
      expected = expected == null ? read : expected;
      for (int i = 0; i < N * K; i++) {
        assertThat(read.get(i)).isEqualTo(expected.get(i));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "3,0,0,false",
    "2,0,0,true",
    "3,1,1,true",
    "2,1,1,false",
    "3,0,1,true",
    "22,0,16,false",
    "21,0,16,true",
    "3,0,16,true",
    "22,1,1,true",
    "21,1,2,true"
  })
  void dequantizedMatricesAreReadAsTheyAreMultiplied(int type, int axis, int block, boolean zeros)
      throws Exception {
    MatrixGraph graph = new MatrixGraph(K);
    boolean halves = type >= MatrixGraph.UINT4;
    String codes = graph.codes("codes", type, halves ? K * N / 2 : K * N, K, N);
    long[] tiles;
    if (block == 0) {
      tiles = new long[] {};
    } else if (block == 1) {
      tiles = new long[] {axis == 0 ? K : N};
    } else {
      tiles = axis == 0 ? new long[] {(K + block - 1) / block, N} : new long[] {K, N / block};
    }
    int count = 1;
    for (long tile : tiles) {
      count *= (int) tile;
    }
    String scales = graph.scales("scales", MatrixGraph.FLOAT, count, tiles);
    String zero = zeros ? graph.codes("zeros", type, halves ? count / 2 : count, tiles) : "";
    graph.graph.op(
        "DequantizeLinear",
        "w",
        block > 1
            ? List.of(attribute("axis", axis), attribute("block_size", block))
            : List.of(attribute("axis", axis)),
        codes,
        scales,
        zero);
    graph.graph.op("MatMul", "y", "x", "w");
    assertAsMultiplied(graph, "y");
  }

  @Test
  void aTurnedMatrixIsTurned() throws Exception {
    MatrixGraph graph = new MatrixGraph(K);
    String codes = graph.codes("codes", MatrixGraph.INT8, K * N, N, K);
    String scales = graph.scales("scales", MatrixGraph.FLOAT, N, N);
    graph.graph.op("DequantizeLinear", "w", List.of(attribute("axis", -2)), codes, scales);
    graph.graph.op("Gemm", "y", List.of(attribute("transB", 1)), "x", "w");
    assertAsMultiplied(graph, "y");
  }

  @ParameterizedTest
  @CsvSource({"MatMulInteger,false", "MatMulInteger,true", "DynamicQuantizeMatMul,true"})
  void productsOfWholeNumbersAreReadAsTheyAreMultiplied(String operator, boolean perOutput)
      throws Exception {
    MatrixGraph graph = new MatrixGraph(K);
    String codes = graph.codes("codes", MatrixGraph.INT8, K * N, K, N);
    int count = perOutput ? N : 1;
    long[] dims = perOutput ? new long[] {N} : new long[] {};
    String scales = graph.scales("scales", MatrixGraph.FLOAT, count, dims);
    String zeros = graph.constant("zeros", MatrixGraph.INT8, new byte[count], dims);
    if (operator.equals("MatMulInteger")) {
      graph.graph.add(
          "", "DynamicQuantizeLinear", List.of(), List.of("xq", "xs", "xz"), List.of("x"));
      graph.graph.op(operator, "whole", "xq", codes, "xz", zeros);
      graph.graph.op("Cast", "cast", List.of(attribute("to", 1)), "whole");
      graph.graph.op("Mul", "both", "xs", scales);
      graph.graph.op("Mul", "y", "cast", "both");
      assertAsMultiplied(graph, "whole");
    } else {
      graph.contrib(operator, List.of(), "y", "x", codes, scales, zeros);
      assertAsMultiplied(graph, "y");
    }
  }

  @Test
  void whatIsNotUnderstoodIsNamed() {
    MatrixGraph graph = new MatrixGraph(K);
    String codes = graph.codes("codes", MatrixGraph.UINT8, N * 3 * 8, N, 3, 8);
    String scales = graph.scales("scales", MatrixGraph.FLOAT, N * 3, N * 3);
    String groups = graph.constant("groups", 6, new byte[4 * K], K);
    graph.contrib("MatMulNBits", blocks(4), "grouped", "x", codes, scales, "", groups);
    graph.contrib("MatMulNBits", blocks(4, attribute("odd", 1)), "odd", "x", codes, scales);
    graph.contrib("MatMulNBits", blocks(3), "three", "x", codes, scales);
    graph.graph.op("MatMul", "computed", "x", "x");
    graph.graph.op("MatMulInteger", "whole", "x", codes);
    graph.graph.op("DequantizeLinear", "w", List.of(), codes, scales);
    graph.graph.op("MatMul", "cube", "x", "w");
    graph.graph.op("MatMul", "unknown", "x", "grouped");
    assertRefused(graph, "grouped", "g_idx");
    assertRefused(graph, "odd", "attribute odd is not understood");
    assertRefused(graph, "three", "bits=3");
    assertRefused(graph, "computed", "x is no constant");
    assertRefused(graph, "whole", "scale of its weight was not found");
    assertRefused(graph, "cube", "[6, 3, 8] is no matrix");
    assertRefused(graph, "unknown", "MatMulNBits");
  }

  private static void assertRefused(MatrixGraph graph, String product, String reason) {
    assertThatThrownBy(() -> graph.read(product))
        .as(product)
        .isInstanceOf(UnreadableMatrix.class)
        .hasMessageContaining(reason);
  }
}
