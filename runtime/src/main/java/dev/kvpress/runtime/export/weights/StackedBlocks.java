package dev.kvpress.runtime.export.weights;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/**
 * Blocks of several weights that a graph reads as one.
 *
 * @param parts of the same bits and block
 */
record StackedBlocks(List<StoredBlocks> parts) implements StoredBlocks {
  StackedBlocks {
    checkArgument(areAlike(parts), "parts differ in bits or blocks");
    parts = List.copyOf(parts);
  }

  /** Whether weights have blocks of the same bits and size, and inputs as they are. */
  static boolean areAlike(List<StoredBlocks> parts) {
    boolean ordered = parts.stream().anyMatch(StoredBlocks::ordered);
    return !(ordered && parts.size() > 1)
        && parts.stream()
            .allMatch(
                part -> part.bits() == parts.get(0).bits() && part.block() == parts.get(0).block());
  }

  @Override
  public int bits() {
    return parts.get(0).bits();
  }

  @Override
  public int block() {
    return parts.get(0).block();
  }

  @Override
  public boolean centred() {
    return parts.stream().allMatch(StoredBlocks::centred);
  }

  @Override
  public boolean ordered() {
    return false;
  }

  @Override
  public void writeOrder(WritableByteChannel out) {
    throw new UnsupportedOperationException("the parts are in no order of their own");
  }

  @Override
  public void writeCodes(WritableByteChannel out) throws IOException {
    for (StoredBlocks part : parts) {
      part.writeCodes(out);
    }
  }

  @Override
  public void writeScales(WritableByteChannel out) throws IOException {
    for (StoredBlocks part : parts) {
      part.writeScales(out);
    }
  }

  @Override
  public void writeZeroPoints(WritableByteChannel out) throws IOException {
    for (StoredBlocks part : parts) {
      part.writeZeroPoints(out);
    }
  }
}
