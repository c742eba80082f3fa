package dev.kvpress.runtime.graph;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import com.google.protobuf.ByteString;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.util.List;

/**
 * Writes nodes that make numbers of packed codes.
 *
 * <p>Codes of fewer than 8 bits are taken out of their bytes by QLinearAdd of ONNX Runtime, which
 * is vectorised where BitShift and BitwiseAnd are not (a third of their time): a byte divided by a
 * little more than a power of two and rounded is that byte shifted, for every byte there is; what
 * remains is the byte less the shifted one times the power.
 */
final class PackedCodes {
  /** Rounding sends halves to even numbers; slightly larger divisors leave no halves. */
  private static final double BEYOND_HALVES = 1.002;

  private final GraphEdit edit;
  private final GraphBuilder graph;
  private final PackedForm form;

  PackedCodes(GraphEdit edit, PackedForm form) {
    this.edit = edit;
    this.graph = edit.added();
    this.form = form;
  }

  /**
   * scale · code without the minimum.
   *
   * @param codes uint8 {@code [B,G,x,n]} or {@code [B,G,x,n,g]}
   * @param scales float, one for each run of codes that lie side by side once they are unpacked
   * @param run length of these
   * @return float {@code [B,G,x,D]} or {@code [B,G,x,D,g]}
   */
  String scaled(String name, String codes, String scales, int run) {
    String bytes = unpacked(name, codes);
    String rows = graph.op("Reshape", name + ".rows", bytes, graph.longs(-1, run));
    String flat = graph.op("Reshape", name + ".flat_scales", scales, graph.longs(-1));
    String numbers =
        graph.op("DequantizeLinear", name + ".numbers", List.of(attribute("axis", 0)), rows, flat);
    String shape = graph.op("Shape", name + ".shape", bytes);
    return shaped(name, numbers, shape);
  }

  /** A Reshape whose zeros are sizes. */
  String shaped(String name, String value, String shape) {
    return graph.op("Reshape", name, List.of(attribute("allowzero", 1)), value, shape);
  }

  /** uint8 with one code in each byte, the planes of the bytes one behind another on axis 3. */
  private String unpacked(String name, String codes) {
    int planes = form.perByte();
    if (planes == 1) {
      return codes;
    }
    edit.domain(GraphBuilder.CONTRIB, 1);
    String[] parts = new String[planes];
    String rest = codes;
    for (int j = 0; j < planes - 1; j++) {
      String above = shifted(name + ".above_" + j, codes, form.bits() * (j + 1));
      parts[j] = less(name + ".plane_" + j, rest, above);
      rest = above;
    }
    parts[planes - 1] = rest;
    return graph.op("Concat", name + ".codes", List.of(attribute("axis", 3)), parts);
  }

  /** Each byte shifted to the right. */
  private String shifted(String name, String bytes, int by) {
    int divisor = 1 << by;
    return sum(
        name,
        new Term(bytes, (float) (1 / (divisor * BEYOND_HALVES)), divisor / 2 - 1),
        new Term(none(), 1, 0));
  }

  /** What remains of bytes without the bits above the lowest code. */
  private String less(String name, String bytes, String above) {
    return sum(name, new Term(bytes, 1, 0), new Term(above, -(1 << form.bits()), 0));
  }

  /** factor · (value − zero) */
  private record Term(String value, float factor, int zero) {}

  private String sum(String name, Term a, Term b) {
    String one = graph.floatScalar(1);
    String zero = number(0);
    graph.add(
        GraphBuilder.CONTRIB,
        "QLinearAdd",
        List.of(),
        List.of(name),
        List.of(
            a.value,
            graph.floatScalar(a.factor),
            number(a.zero),
            b.value,
            graph.floatScalar(b.factor),
            number(b.zero),
            one,
            zero));
    return name;
  }

  private String none() {
    return bytes("const.u8.none", List.of(1L), 0);
  }

  private String number(int value) {
    return bytes("const.u8.scalar." + value, List.of(), value);
  }

  private String bytes(String name, List<Long> dims, int value) {
    graph.initializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(DataType.UINT8_VALUE)
            .addAllDims(dims)
            .setRawData(ByteString.copyFrom(new byte[] {(byte) value}))
            .build());
    return name;
  }
}
