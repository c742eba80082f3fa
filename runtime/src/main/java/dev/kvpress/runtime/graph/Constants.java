package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataLocation;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** Small constants of a graph as numbers. */
final class Constants {
  private static final int MOST_INTEGERS = 64;

  private Constants() {}

  static TensorProto longs(boolean vector, List<Long> values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDataType(DataType.INT64_VALUE).addAllInt64Data(values);
    return vector ? tensor.addDims(values.size()).build() : tensor.build();
  }

  static TensorProto floats(boolean vector, List<Float> values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDataType(DataType.FLOAT_VALUE).addAllFloatData(values);
    return vector ? tensor.addDims(values.size()).build() : tensor.build();
  }

  /** How many numbers a tensor holds. */
  static long size(TensorProto tensor) {
    long size = 1;
    for (long dim : tensor.getDimsList()) {
      size *= dim;
    }
    return size;
  }

  static Optional<long[]> integers(TensorProto tensor) {
    long size = size(tensor);
    if (tensor.getDataLocation() == DataLocation.EXTERNAL || size > MOST_INTEGERS || size < 0) {
      return Optional.empty();
    }
    long[] values = new long[(int) size];
    ByteBuffer raw = raw(tensor);
    switch (tensor.getDataType()) {
      case DataType.INT64_VALUE -> {
        if (raw.capacity() == 8 * values.length) {
          raw.asLongBuffer().get(values);
        } else if (tensor.getInt64DataCount() == values.length) {
          for (int i = 0; i < values.length; i++) {
            values[i] = tensor.getInt64Data(i);
          }
        } else {
          return Optional.empty();
        }
      }
      case DataType.INT32_VALUE -> {
        for (int i = 0; i < values.length; i++) {
          if (raw.capacity() == 4 * values.length) {
            values[i] = raw.getInt(4 * i);
          } else if (tensor.getInt32DataCount() == values.length) {
            values[i] = tensor.getInt32Data(i);
          } else {
            return Optional.empty();
          }
        }
      }
      default -> {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }

  static Optional<Double> number(TensorProto tensor) {
    if (size(tensor) != 1 || tensor.getDataLocation() == DataLocation.EXTERNAL) {
      return Optional.empty();
    }
    ByteBuffer raw = raw(tensor);
    return switch (tensor.getDataType()) {
      case DataType.FLOAT_VALUE ->
          tensor.getFloatDataCount() == 1
              ? Optional.of((double) tensor.getFloatData(0))
              : raw.capacity() == 4 ? Optional.of((double) raw.getFloat(0)) : Optional.empty();
      case DataType.DOUBLE_VALUE ->
          tensor.getDoubleDataCount() == 1
              ? Optional.of(tensor.getDoubleData(0))
              : raw.capacity() == 8 ? Optional.of(raw.getDouble(0)) : Optional.empty();
      case DataType.FLOAT16_VALUE, DataType.BFLOAT16_VALUE -> half(tensor, raw);
      default -> integers(tensor).map(values -> (double) values[0]);
    };
  }

  private static Optional<Double> half(TensorProto tensor, ByteBuffer raw) {
    short bits;
    if (tensor.getInt32DataCount() == 1) {
      bits = (short) tensor.getInt32Data(0);
    } else if (raw.capacity() == 2) {
      bits = raw.getShort(0);
    } else {
      return Optional.empty();
    }
    ByteBuffer two = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort(0, bits);
    boolean brain = tensor.getDataType() == DataType.BFLOAT16_VALUE;
    return Optional.of((double) (brain ? FloatDecoder.BF16 : FloatDecoder.F16).widened(two)[0]);
  }

  private static ByteBuffer raw(TensorProto tensor) {
    return ByteBuffer.wrap(tensor.getRawData().toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
  }
}
