package dev.kvpress.runtime.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/** Writes one after another into a piece of a file, or the same into several of its pieces. */
final class RegionChannel implements WritableByteChannel {
  private final FileChannel file;
  private final long[] positions;
  private long left;

  /**
   * Begins at the start of the pieces.
   *
   * @param offsets where each begins
   * @param bytes of each; more is a fault of who writes
   */
  RegionChannel(FileChannel file, List<Long> offsets, long bytes) {
    this.file = file;
    this.positions = offsets.stream().mapToLong(Long::longValue).toArray();
    this.left = bytes;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int bytes = source.remaining();
    if (bytes > left) {
      throw new IllegalStateException(
          "%d bytes are written where %d have place".formatted(bytes, left));
    }
    for (int i = 0; i < positions.length; i++) {
      ByteBuffer copy = source.duplicate();
      while (copy.hasRemaining()) {
        positions[i] += file.write(copy, positions[i]);
      }
    }
    source.position(source.limit());
    left -= bytes;
    return bytes;
  }

  /** Fails where less was written than there is place for. */
  void requireFull() {
    if (left != 0) {
      throw new IllegalStateException("%d bytes were not written".formatted(left));
    }
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  /** The file stays open, others write to it. */
  @Override
  public void close() {}
}
