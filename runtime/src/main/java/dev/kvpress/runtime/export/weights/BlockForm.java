package dev.kvpress.runtime.export.weights;

import static com.google.common.base.Preconditions.checkArgument;
import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A weight in blocks of whole numbers along the inputs of its product, each with a scale: w = scale
 * · (q − 2^(bits−1)), or with the zero points of a checkpoint in place of 2^(bits−1). Products are
 * MatMulNBits of ONNX Runtime on activations of 8 bits, pieces are GatherBlockQuantized; both read
 * the same data.
 *
 * @param spec the weight, {@code [out,in]} or {@code [n,…,in]}; {@code [in,out]} for turned
 *     products
 * @param bits 4 or 8
 * @param block numbers of one scale, a power of two of at least 16
 * @param uses how it is read; never as a whole
 * @param stored the blocks of a checkpoint; null where its numbers are rounded
 */
record BlockForm(
    TensorSpec spec, int bits, int block, Set<WeightUse> uses, @Nullable StoredBlocks stored)
    implements WeightForm {
  /** Activations are rounded to 8 bits block by block, for which processors have instructions. */
  private static final int ACCURACY_INT8 = 4;

  BlockForm {
    checkArgument(bits == 4 || bits == 8, "bits must be 4 or 8, found %s", bits);
    checkArgument(
        block >= 16 && Integer.bitCount(block) == 1,
        "block must be a power of two of at least 16, found %s",
        block);
    checkArgument(!uses.contains(WeightUse.WHOLE), "%s is read as a whole", spec.name());
    uses = Set.copyOf(uses);
  }

  /** A weight that is rounded. */
  BlockForm(TensorSpec spec, int bits, int block, Set<WeightUse> uses) {
    this(spec, bits, block, uses, null);
  }

  /** A weight {@code [out,in]}, or several of them one after another, as they are stored. */
  static BlockForm kept(TensorSpec spec, StoredBlocks stored, Set<WeightUse> uses) {
    return new BlockForm(spec, stored.bits(), stored.block(), uses, stored);
  }

  private boolean hasZeroPoints() {
    return stored != null && !stored.centred();
  }

  private boolean isOrdered() {
    return stored != null && stored.ordered();
  }

  /** Bytes of the zero points of one vector, which ends with a whole byte. */
  private long zeroBytes() {
    return ((long) blocks() * bits + Byte.SIZE - 1) / Byte.SIZE;
  }

  /**
   * Whether operators read it so: that for pieces knows no vectors that end within a byte, and
   * gives them in the order in which they are stored.
   */
  boolean canBeRead() {
    boolean wholeBytes = !hasZeroPoints() || blocks() * bits % Byte.SIZE == 0;
    return !uses.contains(WeightUse.PIECES) || wholeBytes && !isOrdered();
  }

  boolean turned() {
    return uses.contains(WeightUse.TURNED_PRODUCT);
  }

  /** Numbers along which blocks lie. */
  long inputs() {
    return spec.shape().get(turned() ? 0 : spec.shape().size() - 1);
  }

  /** Vectors of that many numbers. */
  long vectors() {
    return spec.elements() / inputs();
  }

  /** Blocks of one vector, the last filled up. */
  int blocks() {
    return Math.toIntExact((inputs() + block - 1) / block);
  }

  int blockBytes() {
    return block * bits / Byte.SIZE;
  }

  @Override
  public List<StoredTensor> tensors() {
    List<StoredTensor> tensors = new ArrayList<>();
    if (uses.contains(WeightUse.PRODUCT) || turned()) {
      List<Long> dims = List.of(vectors(), (long) blocks(), (long) blockBytes());
      tensors.add(new StoredTensor(name("blocks"), DataType.UINT8, dims, 0));
      List<Long> all = List.of(vectors() * blocks());
      tensors.add(new StoredTensor(name("scales"), DataType.FLOAT, all, 1));
      if (hasZeroPoints()) {
        List<Long> zeros = List.of(vectors(), zeroBytes());
        tensors.add(new StoredTensor(name("zero_points"), DataType.UINT8, zeros, 2));
      }
      if (isOrdered()) {
        List<Long> places = List.of(inputs());
        tensors.add(new StoredTensor(name("order"), DataType.INT64, places, orderRegion()));
      }
    }
    if (uses.contains(WeightUse.PIECES)) {
      List<Long> packed = lastAxis(inputs() * bits / Byte.SIZE);
      tensors.add(new StoredTensor(name("pieces"), DataType.UINT8, packed, 0));
      tensors.add(new StoredTensor(name("piece_scales"), DataType.FLOAT, lastAxis(blocks()), 1));
      if (hasZeroPoints()) {
        List<Long> zeros = lastAxis(zeroBytes());
        tensors.add(new StoredTensor(name("piece_zero_points"), DataType.UINT8, zeros, 2));
      }
    }
    return tensors;
  }

  private int orderRegion() {
    return hasZeroPoints() ? 3 : 2;
  }

  private List<Long> lastAxis(long size) {
    List<Long> dims = new ArrayList<>(spec.shape());
    dims.set(dims.size() - 1, size);
    return dims;
  }

  private String name(String part) {
    return spec.name() + "." + part;
  }

  @Override
  public List<Long> regionBytes() {
    long all = vectors() * blocks();
    List<Long> bytes = new ArrayList<>(List.of(all * blockBytes(), all * Float.BYTES));
    if (hasZeroPoints()) {
      bytes.add(vectors() * zeroBytes());
    }
    if (isOrdered()) {
      bytes.add(inputs() * Long.BYTES);
    }
    return bytes;
  }

  @Override
  public void product(
      GraphBuilder graph, String output, String x, boolean turned, @Nullable String bias) {
    checkArgument(turned == turned(), "%s is used as it is and turned", spec.name());
    String plain = bias == null ? output : output + ".product";
    String sorted =
        isOrdered()
            ? graph.op(
                "Gather", output + ".inputs", List.of(attribute("axis", 1)), x, name("order"))
            : x;
    graph.add(
        GraphBuilder.CONTRIB,
        "MatMulNBits",
        List.of(
            attribute("K", inputs()),
            attribute("N", vectors()),
            attribute("bits", bits),
            attribute("block_size", block),
            attribute("accuracy_level", ACCURACY_INT8)),
        List.of(plain),
        inputs(sorted, name("blocks"), name("scales"), name("zero_points")));
    if (bias != null) {
      graph.op("Add", output, plain, bias);
    }
  }

  @Override
  public void pieces(GraphBuilder graph, String output, String indices) {
    graph.add(
        GraphBuilder.CONTRIB,
        "GatherBlockQuantized",
        List.of(
            attribute("gather_axis", 0),
            attribute("quantize_axis", spec.shape().size() - 1),
            attribute("bits", bits),
            attribute("block_size", block)),
        List.of(output),
        inputs(name("pieces"), indices, name("piece_scales"), name("piece_zero_points")));
  }

  private List<String> inputs(String first, String second, String third, String zeroPoints) {
    return hasZeroPoints()
        ? List.of(first, second, third, zeroPoints)
        : List.of(first, second, third);
  }

  @Override
  public void write(Numbers numbers, List<WritableByteChannel> regions) throws IOException {
    if (stored != null) {
      stored.writeCodes(regions.get(0));
      stored.writeScales(regions.get(1));
      if (hasZeroPoints()) {
        stored.writeZeroPoints(regions.get(2));
      }
      if (isOrdered()) {
        stored.writeOrder(regions.get(orderRegion()));
      }
      return;
    }
    try (FloatEncoder encoder =
        turned()
            ? new TurnedBlockEncoder(this, regions.get(0), regions.get(1))
            : new BlockEncoder(this, regions.get(0), regions.get(1))) {
      numbers.copyTo(encoder);
    }
  }
}
