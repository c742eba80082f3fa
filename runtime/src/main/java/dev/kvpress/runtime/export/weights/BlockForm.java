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
 * · (q − 2^(bits−1)). Products are MatMulNBits of ONNX Runtime on activations of 8 bits, pieces are
 * GatherBlockQuantized; both read the same data.
 *
 * @param spec the weight, {@code [out,in]} or {@code [n,…,in]}; {@code [in,out]} for turned
 *     products
 * @param bits 4 or 8
 * @param block numbers of one scale, a power of two of at least 16
 * @param uses how it is read; never as a whole
 */
record BlockForm(TensorSpec spec, int bits, int block, Set<WeightUse> uses) implements WeightForm {
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
    }
    if (uses.contains(WeightUse.PIECES)) {
      List<Long> packed = lastAxis(inputs() * bits / Byte.SIZE);
      tensors.add(new StoredTensor(name("pieces"), DataType.UINT8, packed, 0));
      tensors.add(new StoredTensor(name("piece_scales"), DataType.FLOAT, lastAxis(blocks()), 1));
    }
    return tensors;
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
    return List.of(all * blockBytes(), all * Float.BYTES);
  }

  @Override
  public void product(
      GraphBuilder graph, String output, String x, boolean turned, @Nullable String bias) {
    checkArgument(turned == turned(), "%s is used as it is and turned", spec.name());
    String plain = bias == null ? output : output + ".product";
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
        List.of(x, name("blocks"), name("scales")));
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
        List.of(name("pieces"), indices, name("piece_scales")));
  }

  @Override
  public void write(Numbers numbers, List<WritableByteChannel> regions) throws IOException {
    try (FloatEncoder encoder =
        turned()
            ? new TurnedBlockEncoder(this, regions.get(0), regions.get(1))
            : new BlockEncoder(this, regions.get(0), regions.get(1))) {
      numbers.copyTo(encoder);
    }
  }
}
