package dev.kvpress.runtime.export;

import static com.google.common.base.Preconditions.checkState;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/**
 * Adds a product of two thin matrices to a matrix {@code [out, in]} of little-endian float32 while
 * it is written, a row at a time.
 */
final class AddingChannel implements WritableByteChannel {
  private final LoraAdapter.Update update;
  private final WritableByteChannel out;
  private final ByteBuffer bytes;
  private final float[] numbers;
  private int row;

  /** Nothing is written yet. */
  AddingChannel(LoraAdapter.Update update, WritableByteChannel out) {
    this.update = update;
    this.out = out;
    numbers = new float[update.inputs()];
    bytes =
        ByteBuffer.allocate(Math.multiplyExact(numbers.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int written = source.remaining();
    while (source.hasRemaining()) {
      int count = Math.min(source.remaining(), bytes.remaining());
      bytes.put(bytes.position(), source, source.position(), count);
      bytes.position(bytes.position() + count);
      source.position(source.position() + count);
      if (!bytes.hasRemaining()) {
        writeRow();
      }
    }
    return written;
  }

  private void writeRow() throws IOException {
    bytes.flip();
    bytes.asFloatBuffer().get(numbers);
    update.addTo(row++, numbers);
    bytes.asFloatBuffer().put(numbers);
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
    bytes.clear();
  }

  @Override
  public boolean isOpen() {
    return out.isOpen();
  }

  /** Ends the matrix; what it is written to stays open. */
  @Override
  public void close() {
    checkState(bytes.position() == 0, "the matrix ends within row %s", row);
  }
}
