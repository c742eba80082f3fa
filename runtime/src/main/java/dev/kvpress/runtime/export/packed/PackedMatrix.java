package dev.kvpress.runtime.export.packed;

import com.google.common.math.IntMath;
import dev.kvpress.runtime.export.weights.StoredBlocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/**
 * A matrix {@code [out,in]} of whole numbers in groups along its inputs: w[o,i] = (q[o,i] −
 * zero[o,g]) · scale[o,g] with g the group of input i. Numbers are read a band of outputs at a
 * time.
 */
public final class PackedMatrix {
  private static final int BAND = 1 << 24;
  private static final int LEAST_BLOCK = 16;

  /** The engine has fast products up to here; larger groups repeat their scale. */
  private static final int LARGEST_BLOCK = 128;

  private final MatrixShape shape;
  private final CodeGrid codes;
  private final ZeroGrid zeros;
  private final ScaleGrid scales;
  private final GroupOrder order;
  private final boolean centred;

  /**
   * Reads what decides how the matrix can be used: zero points and the order of groups.
   *
   * @throws dev.kvpress.runtime.ModelException if a zero point has no meaning
   */
  PackedMatrix(
      MatrixShape shape, CodeGrid codes, ZeroGrid zeros, ScaleGrid scales, GroupOrder order)
      throws IOException {
    this.shape = shape;
    this.codes = codes;
    this.zeros = zeros;
    this.scales = scales;
    this.order = order;
    this.centred = zeros.isMiddle(shape.outputs(), shape.groups());
  }

  MatrixShape shape() {
    return shape;
  }

  boolean centred() {
    return centred;
  }

  /** Why its blocks cannot be used as they are; empty where they can. */
  public Optional<String> obstacle() {
    if (shape.bits() != 4 && shape.bits() != 8) {
      return Optional.of("%d bits".formatted(shape.bits()));
    }
    if (order.sorted(shape).isEmpty()) {
      return Optional.of("groups of unequal size");
    }
    return block() < LEAST_BLOCK
        ? Optional.of("groups of %d of %d inputs".formatted(shape.groupSize(), shape.inputs()))
        : Optional.empty();
  }

  private int block() {
    int common = IntMath.gcd(shape.groupSize(), shape.inputs());
    return Math.min(LARGEST_BLOCK, Integer.lowestOneBit(common));
  }

  /** Its blocks as they are; empty where {@link #obstacle} says why not. */
  public Optional<StoredBlocks> blocks() {
    return obstacle().isPresent()
        ? Optional.empty()
        : Optional.of(new MatrixBlocks(this, block(), order));
  }

  /** Writes its numbers as little-endian float32 in row-major order. */
  public void writeNumbers(WritableByteChannel out) throws IOException {
    int inputs = shape.inputs();
    int groups = shape.groups();
    float[] scale = scales();
    byte[] zero = zeros();
    ByteBuffer vector = ByteBuffer.allocate(inputs * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    forEachBand(
        (first, count, band) -> {
          for (int o = 0; o < count; o++) {
            int row = (first + o) * groups;
            vector.clear();
            for (int i = 0; i < inputs; i++) {
              int at = row + order.group(i);
              int distance = (band[o * inputs + i] & 0xff) - (zero[at] & 0xff);
              vector.putFloat(distance * scale[at]);
            }
            writeFully(out, vector.flip());
          }
        });
  }

  float[] scales() throws IOException {
    return scales.read(shape.outputs(), shape.groups());
  }

  byte[] zeros() throws IOException {
    return zeros.read(shape.outputs(), shape.groups());
  }

  /** Hands its whole numbers on, {@code [count,in]} at a time. */
  void forEachBand(Bands bands) throws IOException {
    int most = Math.max(1, BAND / shape.inputs() / CodeGrid.ALIGNED) * CodeGrid.ALIGNED;
    for (int first = 0; first < shape.outputs(); first += most) {
      int count = Math.min(most, shape.outputs() - first);
      bands.take(first, count, codes.read(first, count, shape.inputs()));
    }
  }

  static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** Takes whole numbers band by band. */
  interface Bands {
    /**
     * Takes those of some outputs.
     *
     * @param codes {@code [count,in]}, unsigned
     */
    void take(int first, int count, byte[] codes) throws IOException;
  }
}
