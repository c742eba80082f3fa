package dev.kvpress.runtime.export.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Rounds vector by vector, the vectors of a band on all cores. */
final class BlockEncoder extends FloatEncoder {
  private static final int BAND = 1 << 20;

  private final BlockForm form;
  private final WritableByteChannel data;
  private final WritableByteChannel scaleChannel;
  private final int inputs;
  private final int blocks;
  private final byte[] codes;
  private final float[] scales;
  private final ByteBuffer scaleBytes;

  BlockEncoder(BlockForm form, WritableByteChannel data, WritableByteChannel scales) {
    super(Math.toIntExact(bandVectors(form) * form.inputs()));
    this.form = form;
    this.data = data;
    this.scaleChannel = scales;
    this.inputs = Math.toIntExact(form.inputs());
    this.blocks = form.blocks();
    int all = Math.toIntExact(bandVectors(form) * blocks);
    this.codes = new byte[all * form.blockBytes()];
    this.scales = new float[all];
    this.scaleBytes = ByteBuffer.allocate(all * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long bandVectors(BlockForm form) {
    return Math.min(form.vectors(), Math.max(1, BAND / form.inputs()));
  }

  @Override
  void encode(float[] numbers, int length) throws IOException {
    int vectors = length / inputs;
    IntStream.range(0, vectors).parallel().forEach(vector -> round(numbers, vector));
    int all = vectors * blocks;
    writeFully(data, ByteBuffer.wrap(codes, 0, all * form.blockBytes()));
    scaleBytes.clear().limit(all * Float.BYTES);
    scaleBytes.asFloatBuffer().put(scales, 0, all);
    writeFully(scaleChannel, scaleBytes);
  }

  private void round(float[] numbers, int vector) {
    BlockQuantizer quantizer = new BlockQuantizer(form.spec().name(), form.bits());
    int block = form.block();
    float[] sideBySide = new float[block * BlockQuantizer.LANES];
    for (int first = 0; first < blocks; first += BlockQuantizer.LANES) {
      int lanes = Math.min(BlockQuantizer.LANES, blocks - first);
      // What the last block lacks is 0, which is what it is filled up with.
      Arrays.fill(sideBySide, 0);
      for (int lane = 0; lane < lanes; lane++) {
        int start = (first + lane) * block;
        int length = Math.min(block, inputs - start);
        int from = vector * inputs + start;
        for (int i = 0; i < length; i++) {
          sideBySide[i * lanes + lane] = numbers[from + i];
        }
      }
      int index = vector * blocks + first;
      quantizer.quantize(
          new BlockQuantizer.Blocks(sideBySide, 0, lanes, lanes, block),
          new BlockQuantizer.Codes(codes, index * form.blockBytes(), form.blockBytes(), block),
          scales,
          index);
    }
  }
}
