package dev.kvpress.runtime.export.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.stream.IntStream;

/** Rounds vector by vector, the vectors of a band on all cores. */
final class BlockEncoder extends FloatEncoder {
  private static final int BAND = 1 << 20;

  private final BlockForm form;
  private final WritableByteChannel data;
  private final WritableByteChannel scales;
  private final int inputs;
  private final byte[] codes;
  private final ByteBuffer scaleBytes;

  BlockEncoder(BlockForm form, WritableByteChannel data, WritableByteChannel scales) {
    super(Math.toIntExact(bandVectors(form) * form.inputs()));
    this.form = form;
    this.data = data;
    this.scales = scales;
    this.inputs = Math.toIntExact(form.inputs());
    int blocks = Math.toIntExact(bandVectors(form) * form.blocks());
    this.codes = new byte[blocks * form.blockBytes()];
    this.scaleBytes = ByteBuffer.allocate(blocks * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long bandVectors(BlockForm form) {
    return Math.min(form.vectors(), Math.max(1, BAND / form.inputs()));
  }

  @Override
  void encode(float[] numbers, int length) throws IOException {
    int vectors = length / inputs;
    IntStream.range(0, vectors).parallel().forEach(vector -> round(numbers, vector));
    int blocks = vectors * form.blocks();
    writeFully(data, ByteBuffer.wrap(codes, 0, blocks * form.blockBytes()));
    writeFully(scales, scaleBytes.slice(0, blocks * Float.BYTES));
  }

  private void round(float[] numbers, int vector) {
    BlockQuantizer quantizer = new BlockQuantizer(form.spec().name(), form.bits());
    for (int b = 0; b < form.blocks(); b++) {
      int start = b * form.block();
      int length = Math.min(form.block(), inputs - start);
      int index = vector * form.blocks() + b;
      float scale =
          quantizer.quantize(
              numbers,
              vector * inputs + start,
              length,
              form.block(),
              codes,
              index * form.blockBytes());
      scaleBytes.putFloat(index * Float.BYTES, scale);
    }
  }
}
