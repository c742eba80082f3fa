package dev.kvpress.runtime.saved;

import dev.kvpress.presses.SavedState;
import dev.kvpress.runtime.file.FileTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What something remembers as a card and tensors, and back. */
final class StateTensors {
  private StateTensors() {}

  /** The part that stands on the card. */
  static ContextCard.State card(SavedState state) {
    Map<String, ContextCard.State> parts = new LinkedHashMap<>();
    state.parts().forEach((name, part) -> parts.put(name, card(part)));
    return new ContextCard.State(state.kind(), state.integers(), parts);
  }

  /** Adds the tensors, whose names begin with {@code prefix}. */
  static void add(SavedState state, String prefix, List<FileTensor> tensors) {
    state.ints().forEach((name, values) -> tensors.add(of(prefix + name, values)));
    state.floats().forEach((name, values) -> tensors.add(of(prefix + name, values)));
    state.doubles().forEach((name, values) -> tensors.add(of(prefix + name, values)));
    state.parts().forEach((name, part) -> add(part, prefix + name + ".", tensors));
  }

  /** Whole numbers as a tensor of one axis. */
  static FileTensor of(String name, int[] values) {
    ByteBuffer bytes = bytes((long) values.length * Integer.BYTES);
    bytes.asIntBuffer().put(values);
    return new FileTensor(name, "I32", List.of((long) values.length), List.of(bytes));
  }

  private static FileTensor of(String name, float[] values) {
    ByteBuffer bytes = bytes((long) values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return new FileTensor(name, "F32", List.of((long) values.length), List.of(bytes));
  }

  private static FileTensor of(String name, double[] values) {
    ByteBuffer bytes = bytes((long) values.length * Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    return new FileTensor(name, "F64", List.of((long) values.length), List.of(bytes));
  }

  private static ByteBuffer bytes(long count) {
    return ByteBuffer.allocate(Math.toIntExact(count)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What is remembered, out of its card and the tensors that have its prefix. */
  static SavedState read(ContextCard.State card, String prefix, TensorSet tensors) {
    SavedState state = new SavedState(card.kind());
    card.integers().forEach(state::with);
    card.parts()
        .forEach((name, part) -> state.with(name, read(part, prefix + name + ".", tensors)));
    for (FileTensor tensor : tensors.take(prefix)) {
      String name = tensor.name().substring(prefix.length());
      switch (tensor.type()) {
        case "I32" -> state.with(name, ints(tensor));
        case "F32" -> {
          float[] values = new float[Math.toIntExact(tensor.bytes() / Float.BYTES)];
          data(tensor).asFloatBuffer().get(values);
          state.with(name, values);
        }
        case "F64" -> {
          double[] values = new double[Math.toIntExact(tensor.bytes() / Double.BYTES)];
          data(tensor).asDoubleBuffer().get(values);
          state.with(name, values);
        }
        default -> throw tensors.wrongType(tensor, "I32, F32 or F64");
      }
    }
    return state;
  }

  static int[] ints(FileTensor tensor) {
    int[] values = new int[Math.toIntExact(tensor.bytes() / Integer.BYTES)];
    data(tensor).asIntBuffer().get(values);
    return values;
  }

  private static ByteBuffer data(FileTensor tensor) {
    return tensor.whole().order(ByteOrder.LITTLE_ENDIAN);
  }
}
