package dev.kvpress.runtime.graph;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.FloatDecoder;
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
 * A matrix of floats that a graph holds, inside or in a file beside it.
 *
 * @param tensor of rank 2, in one of the formats of {@link FloatDecoder}
 * @param transposed whether rows and columns change places before it is used
 */
record ConstantMatrix(TensorProto tensor, boolean transposed) {

  /** The same with rows and columns in each other's place. */
  ConstantMatrix turned() {
    return new ConstantMatrix(tensor, !transposed);
  }

  long rows() {
    return tensor.getDims(transposed ? 1 : 0);
  }

  long columns() {
    return tensor.getDims(transposed ? 0 : 1);
  }

  /** How the numbers are stored, or null where this is no matrix of such numbers. */
  static @Nullable FloatDecoder format(TensorProto tensor) {
    if (tensor.getDimsCount() != 2) {
      return null;
    }
    return switch (tensor.getDataType()) {
      case DataType.FLOAT_VALUE -> FloatDecoder.F32;
      case DataType.FLOAT16_VALUE -> FloatDecoder.F16;
      case DataType.BFLOAT16_VALUE -> FloatDecoder.BF16;
      default -> null;
    };
  }

  /**
   * Reads the numbers; those that lie in a file as they are wanted are mapped and not copied.
   *
   * @param folder what references to external data are relative to
   * @throws ModelException if the data cannot be read
   */
  FloatTensor read(Path folder) {
    FloatBuffer data =
        tensor.getDataLocation() == DataLocation.EXTERNAL ? external(folder) : internal();
    int rows = Math.toIntExact(tensor.getDims(0));
    int columns = Math.toIntExact(tensor.getDims(1));
    if (data.capacity() < (long) rows * columns) {
      throw new ModelException(
          "initializer %s: expected %d numbers, found %d"
              .formatted(tensor.getName(), (long) rows * columns, data.capacity()));
    }
    return transposed ? transpose(data, rows, columns) : new FloatTensor(data, rows, columns);
  }

  private static FloatTensor transpose(FloatBuffer data, int rows, int columns) {
    float[] turned = new float[rows * columns];
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      data.get(r * columns, row);
      for (int c = 0; c < columns; c++) {
        turned[c * rows + r] = row[c];
      }
    }
    return FloatTensor.of(turned, columns, rows);
  }

  private FloatBuffer internal() {
    if (tensor.getFloatDataCount() > 0) {
      FloatBuffer values = FloatBuffer.allocate(tensor.getFloatDataCount());
      tensor.getFloatDataList().forEach(values::put);
      return values.flip();
    }
    if (tensor.getInt32DataCount() > 0) {
      // Numbers of 16 bits may stand here, each in the lower half of an integer.
      ByteBuffer halves =
          ByteBuffer.allocate(tensor.getInt32DataCount() * 2).order(ByteOrder.LITTLE_ENDIAN);
      tensor.getInt32DataList().forEach(half -> halves.putShort(half.shortValue()));
      return decoded(halves.flip());
    }
    return decoded(tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }

  private FloatBuffer decoded(ByteBuffer bytes) {
    FloatDecoder format = format(tensor);
    if (format == FloatDecoder.F32) {
      return bytes.asFloatBuffer();
    }
    return FloatBuffer.wrap(Objects.requireNonNull(format).widened(bytes));
  }

  private FloatBuffer external(Path folder) {
    Path file = ExternalData.resolve(tensor, folder);
    long offset = ExternalData.number(tensor, "offset", 0);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = ExternalData.number(tensor, "length", channel.size() - offset);
      if (offset < 0 || bytes < 0 || bytes > channel.size() - offset) {
        throw new ModelException(
            "%s: initializer %s: expected %d bytes from byte %d on, found a file of %d"
                .formatted(file, tensor.getName(), bytes, offset, channel.size()));
      }
      return decoded(
          channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes).order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read: " + FileFaults.reason(e), e);
    }
  }
}
