package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The weight of MatMulNBits: blocks of whole numbers along the inputs, each with a scale and a zero
 * point, w = scale · (q − zero). A byte holds its first number in its lowest bits.
 *
 * @param rows outputs, N
 * @param columns inputs, K
 * @param bits of one number: 2, 4 or 8
 * @param block numbers of one scale; the last block of a row is filled up
 * @param codes {@code [N, blocks, block·bits/8]} of uint8
 * @param scales {@code [N, blocks]} of floats, with its axes apart or merged
 * @param zeros of the same size as floats, or of {@code bits} bits each in rows of whole bytes;
 *     null where zero is the middle of the codes, 2^(bits−1)
 */
record BlockMatrix(
    long rows,
    long columns,
    int bits,
    int block,
    TensorProto codes,
    TensorProto scales,
    @Nullable TensorProto zeros)
    implements ConstantMatrix {
  private static final Set<String> KNOWN =
      Set.of("K", "N", "bits", "block_size", "accuracy_level", "weight_prepacked");

  private static final int SCALES = 2;
  private static final int ZEROS = 3;
  private static final int GROUPS = 4;

  /** Reads what a node says of its weight. */
  static BlockMatrix of(NodeProto node, Constants constants) throws UnreadableMatrix {
    NodeAttributes attributes = new NodeAttributes(node);
    for (String name : attributes.names()) {
      if (!KNOWN.contains(name)) {
        throw new UnreadableMatrix("its attribute %s is not understood".formatted(name));
      }
    }
    if (attributes.integer("weight_prepacked", 0) != 0) {
      throw new UnreadableMatrix("its weight is arranged for one kind of GPU (weight_prepacked)");
    }
    if (has(node, GROUPS)) {
      throw new UnreadableMatrix("its inputs are reordered (g_idx)");
    }
    long bits = attributes.integer("bits", 4);
    long block = attributes.integer("block_size", 0);
    long inputs = attributes.integer("K", 0);
    long outputs = attributes.integer("N", 0);
    if ((bits != 2 && bits != 4 && bits != 8)
        || block < 1
        || block > 1 << 20
        || block * bits % Byte.SIZE != 0
        || inputs < 1
        || outputs < 1) {
      throw new UnreadableMatrix(
          "expected 2, 4 or 8 bits and blocks of whole bytes, found K=%d, N=%d, bits=%d, block_size=%d"
              .formatted(inputs, outputs, bits, block));
    }
    TensorProto codes = constants.require(node, 1);
    TensorProto scales = constants.require(node, SCALES);
    TensorProto zeros = has(node, ZEROS) ? constants.require(node, ZEROS) : null;
    if (codes.getDataType() != DataType.UINT8_VALUE || !TensorNumbers.isFloat(scales)) {
      throw new UnreadableMatrix("its weight is not of uint8 with scales of floats");
    }
    if (zeros != null
        && zeros.getDataType() != DataType.UINT8_VALUE
        && !TensorNumbers.isFloat(zeros)) {
      throw new UnreadableMatrix("its zero points are neither uint8 nor floats");
    }
    return new BlockMatrix(outputs, inputs, (int) bits, (int) block, codes, scales, zeros);
  }

  private static boolean has(NodeProto node, int input) {
    return node.getInputCount() > input && !node.getInput(input).isEmpty();
  }

  private int blocks() {
    return Math.toIntExact((columns + block - 1) / block);
  }

  @Override
  public FloatTensor read(Path folder) {
    int n = Math.toIntExact(rows);
    int k = Math.toIntExact(columns);
    int blocks = blocks();
    int rowBytes = Math.multiplyExact(blocks, block * bits / Byte.SIZE);
    ByteBuffer data = new TensorNumbers(codes, folder).bytes(1, (long) n * rowBytes);
    float[] scale = new TensorNumbers(scales, folder).floats((long) n * blocks);
    float[] zero = zeros(folder, n, blocks);
    float[] values = new float[Math.multiplyExact(n, k)];
    IntStream.range(0, n)
        .parallel()
        .forEach(
            row -> {
              for (int c = 0; c < k; c++) {
                int at = row * blocks + c / block;
                int code = code(data, (long) row * rowBytes * Byte.SIZE + (long) c * bits);
                values[row * k + c] = scale[at] * (code - zero[at]);
              }
            });
    return FloatTensor.of(values, n, k);
  }

  private float[] zeros(Path folder, int n, int blocks) {
    if (zeros != null && TensorNumbers.isFloat(zeros)) {
      return new TensorNumbers(zeros, folder).floats((long) n * blocks);
    }
    float[] values = new float[n * blocks];
    if (zeros == null) {
      Arrays.fill(values, 1 << bits - 1);
      return values;
    }
    int rowBytes = (blocks * bits + Byte.SIZE - 1) / Byte.SIZE;
    ByteBuffer packed = new TensorNumbers(zeros, folder).bytes(1, (long) n * rowBytes);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          code(packed, (long) (i / blocks) * rowBytes * Byte.SIZE + (long) (i % blocks) * bits);
    }
    return values;
  }

  private int code(ByteBuffer data, long bit) {
    int shared = data.get((int) (bit / Byte.SIZE)) & 0xff;
    return shared >> (int) (bit % Byte.SIZE) & (1 << bits) - 1;
  }
}
