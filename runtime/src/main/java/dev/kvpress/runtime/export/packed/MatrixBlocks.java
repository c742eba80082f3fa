package dev.kvpress.runtime.export.packed;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.export.weights.StoredBlocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The whole numbers of a packed matrix as blocks, each a group or a part of one. Where inputs were
 * quantized in the order of their activations (desc_act), they are brought group by group.
 */
final class MatrixBlocks implements StoredBlocks {
  private final PackedMatrix matrix;
  private final int block;
  private final int @Nullable [] sorted;

  /**
   * Blocks of a size.
   *
   * @param block divides the size of groups and the number of inputs
   * @param order of groups, all of one size
   */
  MatrixBlocks(PackedMatrix matrix, int block, GroupOrder order) {
    this.matrix = matrix;
    this.block = block;
    this.sorted = order.isPlain() ? null : order.sorted(matrix.shape()).orElseThrow();
  }

  @Override
  public int bits() {
    return matrix.shape().bits();
  }

  @Override
  public int block() {
    return block;
  }

  @Override
  public boolean centred() {
    return matrix.centred();
  }

  @Override
  public boolean ordered() {
    return sorted != null;
  }

  @Override
  public void writeOrder(WritableByteChannel out) throws IOException {
    int[] places = requireNonNull(sorted, "the inputs stand as they are");
    ByteBuffer bytes =
        ByteBuffer.allocate(places.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int place : places) {
      bytes.putLong(place);
    }
    PackedMatrix.writeFully(out, bytes.flip());
  }

  @Override
  public void writeCodes(WritableByteChannel out) throws IOException {
    matrix.forEachBand(
        (first, count, codes) ->
            PackedMatrix.writeFully(out, ByteBuffer.wrap(joined(inOrder(codes)))));
  }

  private byte[] inOrder(byte[] codes) {
    if (sorted == null) {
      return codes;
    }
    byte[] moved = new byte[codes.length];
    for (int vector = 0; vector < codes.length; vector += sorted.length) {
      for (int i = 0; i < sorted.length; i++) {
        moved[vector + i] = codes[vector + sorted[i]];
      }
    }
    return moved;
  }

  private byte[] joined(byte[] codes) {
    if (bits() == Byte.SIZE) {
      return codes;
    }
    byte[] bytes = new byte[codes.length / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (codes[2 * i] | codes[2 * i + 1] << 4);
    }
    return bytes;
  }

  @Override
  public void writeScales(WritableByteChannel out) throws IOException {
    float[] scales = matrix.scales();
    MatrixShape shape = matrix.shape();
    ByteBuffer vector = ByteBuffer.allocate(blocks() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int o = 0; o < shape.outputs(); o++) {
      vector.clear();
      for (int b = 0; b < blocks(); b++) {
        vector.putFloat(scales[o * shape.groups() + group(b)]);
      }
      PackedMatrix.writeFully(out, vector.flip());
    }
  }

  @Override
  public void writeZeroPoints(WritableByteChannel out) throws IOException {
    byte[] zeros = matrix.zeros();
    MatrixShape shape = matrix.shape();
    byte[] vector = new byte[(blocks() * bits() + Byte.SIZE - 1) / Byte.SIZE];
    for (int o = 0; o < shape.outputs(); o++) {
      Arrays.fill(vector, (byte) 0);
      for (int b = 0; b < blocks(); b++) {
        int bit = b * bits();
        vector[bit / Byte.SIZE] |= (byte) (zeros[o * shape.groups() + group(b)] << bit % Byte.SIZE);
      }
      PackedMatrix.writeFully(out, ByteBuffer.wrap(vector));
    }
  }

  private int blocks() {
    return matrix.shape().inputs() / block;
  }

  private int group(int index) {
    return index * block / matrix.shape().groupSize();
  }
}
