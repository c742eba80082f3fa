package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.graph.ExternalData;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataLocation;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a constant, wherever it keeps them.
 *
 * @param folder what references to external data are relative to
 */
record TensorNumbers(TensorProto tensor, Path folder) {

  /** Whether a constant holds floats that can be read. */
  static boolean isFloat(TensorProto tensor) {
    return format(tensor) != null;
  }

  private static @Nullable FloatDecoder format(TensorProto tensor) {
    return switch (tensor.getDataType()) {
      case DataType.FLOAT_VALUE -> FloatDecoder.F32;
      case DataType.FLOAT16_VALUE -> FloatDecoder.F16;
      case DataType.BFLOAT16_VALUE -> FloatDecoder.BF16;
      default -> null;
    };
  }

  /** Floats, those of 16 bits widened. */
  FloatBuffer floats() {
    if (tensor.getFloatDataCount() > 0) {
      FloatBuffer values = FloatBuffer.allocate(tensor.getFloatDataCount());
      tensor.getFloatDataList().forEach(values::put);
      return values.flip();
    }
    FloatDecoder format = Objects.requireNonNull(format(tensor), "no tensor of floats");
    ByteBuffer bytes = bytes(format.bytes());
    return format == FloatDecoder.F32
        ? bytes.asFloatBuffer()
        : FloatBuffer.wrap(format.widened(bytes));
  }

  /**
   * As many floats as there must be.
   *
   * @throws ModelException if there are fewer
   */
  float[] floats(long expected) {
    FloatBuffer found = floats();
    requireSize(expected, found.capacity(), "numbers");
    float[] values = new float[Math.toIntExact(expected)];
    found.get(0, values);
    return values;
  }

  /**
   * Little-endian bytes as a file holds them.
   *
   * @param unit bytes of one element, 1 where several share a byte
   * @param expected how many there must be
   * @throws ModelException if there are fewer
   */
  ByteBuffer bytes(int unit, long expected) {
    ByteBuffer bytes = bytes(unit);
    requireSize(expected, bytes.capacity(), "bytes");
    return bytes;
  }

  private void requireSize(long expected, long found, String what) {
    if (found < expected) {
      throw new ModelException(
          "initializer %s: expected %d %s, found %d"
              .formatted(tensor.getName(), expected, what, found));
    }
  }

  private ByteBuffer bytes(int unit) {
    if (tensor.getDataLocation() == DataLocation.EXTERNAL) {
      return external();
    }
    if (tensor.getInt32DataCount() > 0) {
      // Numbers of up to 16 bits may stand here, each (or each pair of 4 bits) in the lower part
      // of an integer.
      ByteBuffer parts =
          ByteBuffer.allocate(tensor.getInt32DataCount() * unit).order(ByteOrder.LITTLE_ENDIAN);
      for (int part : tensor.getInt32DataList()) {
        for (int b = 0; b < unit; b++) {
          parts.put((byte) (part >> Byte.SIZE * b));
        }
      }
      return parts.flip();
    }
    return tensor.getRawData().asReadOnlyByteBuffer().slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer external() {
    Path file = ExternalData.resolve(tensor, folder);
    long offset = ExternalData.number(tensor, "offset", 0);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = ExternalData.number(tensor, "length", channel.size() - offset);
      if (offset < 0 || bytes < 0 || bytes > channel.size() - offset) {
        throw new ModelException(
            "%s: initializer %s: expected %d bytes from byte %d on, found a file of %d"
                .formatted(file, tensor.getName(), bytes, offset, channel.size()));
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, offset, bytes)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read: " + FileFaults.reason(e), e);
    }
  }
}
