package dev.kvpress.peers.gguf;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * One tensor on its way from a checkpoint into a GGUF file, row by row.
 *
 * @param name its name in the GGUF file
 * @param source where its numbers are
 * @param type how they are written; vectors are always float32, as llama.cpp wants norms
 * @param headSize D where rows are regrouped within each head, 0 where they keep their order
 */
record GgufTensor(String name, SafetensorsFile.Entry source, GgufType type, int headSize) {
  GgufTensor {
    if (source.shape().size() == 1) {
      type = GgufType.F32;
    }
    int columns = Math.toIntExact(source.shape().get(source.shape().size() - 1));
    checkArgument(
        columns % type.blockSize() == 0,
        "%s: rows of %s numbers are no whole blocks of %s",
        name,
        columns,
        type);
  }

  long bytes() {
    return type.bytes(source.elements());
  }

  private int columns() {
    return Math.toIntExact(source.shape().get(source.shape().size() - 1));
  }

  /** Writes all rows and fills up to the alignment. */
  void write(FileChannel out) throws IOException {
    FloatDecoder decoder = source.decoder().orElseThrow();
    int columns = columns();
    int rows = Math.toIntExact(source.elements() / columns);
    long rowBytes = (long) columns * decoder.bytes();
    ByteBuffer row = ByteBuffer.allocate((int) type.bytes(columns)).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel in = FileChannel.open(source.file(), StandardOpenOption.READ)) {
      for (int r = 0; r < rows; r++) {
        float[] values = decoder.read(in, source.begin() + sourceRow(r) * rowBytes, columns);
        type.put(values, row.clear());
        AtomicFile.writeFully(out, row.flip());
      }
    }
    AtomicFile.writeFully(out, ByteBuffer.allocate((int) (GgufHeader.aligned(bytes()) - bytes())));
  }

  /**
   * Where a row of the file comes from. Checkpoints rotate number i of a head with number i + D/2,
   * llama.cpp rotates neighbours: rows 2i and 2i + 1 are what was i and i + D/2.
   */
  private long sourceRow(int row) {
    if (headSize == 0) {
      return row;
    }
    int inHead = row % headSize;
    return row - inHead + inHead / 2 + (inHead % 2 == 0 ? 0 : headSize / 2);
  }
}
