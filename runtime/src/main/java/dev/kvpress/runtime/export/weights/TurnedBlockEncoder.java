package dev.kvpress.runtime.export.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rounds a weight that lies {@code [in,out]}: a band is one block of inputs of all outputs. The
 * rounded numbers wait in memory until the last band, since the first vector needs a piece of each.
 */
final class TurnedBlockEncoder extends FloatEncoder {
  private final BlockForm form;
  private final WritableByteChannel data;
  private final WritableByteChannel scales;
  private final int vectors;
  private final List<byte[]> codes = new ArrayList<>();
  private final List<float[]> scaleOfBlock = new ArrayList<>();

  TurnedBlockEncoder(BlockForm form, WritableByteChannel data, WritableByteChannel scales) {
    super(Math.toIntExact(form.vectors() * form.block()));
    this.form = form;
    this.data = data;
    this.scales = scales;
    this.vectors = Math.toIntExact(form.vectors());
  }

  @Override
  void encode(float[] numbers, int length) {
    int inputs = length / vectors;
    byte[] bytes = new byte[Math.multiplyExact(vectors, form.blockBytes())];
    float[] found = new float[vectors];
    int groups = (vectors + BlockQuantizer.LANES - 1) / BlockQuantizer.LANES;
    IntStream.range(0, groups)
        .parallel()
        .forEach(
            group -> {
              int first = group * BlockQuantizer.LANES;
              int lanes = Math.min(BlockQuantizer.LANES, vectors - first);
              new BlockQuantizer(form.spec().name(), form.bits())
                  .quantize(
                      new BlockQuantizer.Blocks(numbers, first, vectors, lanes, inputs),
                      new BlockQuantizer.Codes(
                          bytes, first * form.blockBytes(), form.blockBytes(), form.block()),
                      found,
                      first);
            });
    codes.add(bytes);
    scaleOfBlock.add(found);
  }

  @Override
  void finish() throws IOException {
    ByteBuffer row = ByteBuffer.allocate(form.blocks() * form.blockBytes());
    ByteBuffer scaleRow =
        ByteBuffer.allocate(form.blocks() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int vector = 0; vector < vectors; vector++) {
      row.clear();
      scaleRow.clear();
      for (int b = 0; b < codes.size(); b++) {
        row.put(codes.get(b), vector * form.blockBytes(), form.blockBytes());
        scaleRow.putFloat(scaleOfBlock.get(b)[vector]);
      }
      writeFully(data, row.flip());
      writeFully(scales, scaleRow.flip());
    }
  }
}
