package dev.kvpress.runtime.export.packed;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.ConfigReader;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.util.List;
import java.util.Set;

/** Checks that layouts share. */
final class Expect {
  private static final Set<Integer> WIDTHS = Set.of(2, 3, 4, 8);

  private Expect() {}

  /** A number of bits out of some. */
  static int bits(ConfigReader config, String field, Set<Integer> known) {
    int bits = config.integer(field);
    if (!known.contains(bits)) {
      throw config.unsupported(
          field, bits, String.join(" or ", known.stream().sorted().map(String::valueOf).toList()));
    }
    return bits;
  }

  /** Any number of bits that some method packs. */
  static int bits(ConfigReader config, String field) {
    return bits(config, field, WIDTHS);
  }

  /** Inputs of a group; −1 for all of them. */
  static int groupSize(ConfigReader config, String field) {
    int size = config.integer(field);
    if (size != -1 && size < 1) {
      throw config.unsupported(field, size, "-1 or a positive number");
    }
    return size;
  }

  /** Groups in words. */
  static String groups(int size) {
    return size == -1 ? "one group a row" : "groups of " + size;
  }

  /** Words of 32 bits of a shape. */
  static Entry words(Entry tensor, long rows, long columns) {
    type(tensor, tensor.type().equals("I32"), "I32");
    return shape(tensor, rows, columns);
  }

  /** Floats of a shape. */
  static Entry floats(Entry tensor, long rows, long columns) {
    type(tensor, tensor.decoder().isPresent(), "F32, F16 or BF16");
    return shape(tensor, rows, columns);
  }

  /** A tensor of one axis. */
  static Entry vector(Entry tensor, String type, long size) {
    type(tensor, tensor.type().equals(type), type);
    return shape(tensor, size);
  }

  private static void type(Entry tensor, boolean right, String expected) {
    if (!right) {
      throw new ModelException(
          "%s: tensor %s: dtype must be %s, found %s"
              .formatted(tensor.file(), tensor.name(), expected, tensor.type()));
    }
  }

  private static Entry shape(Entry tensor, Long... sizes) {
    if (!tensor.shape().equals(List.of(sizes))) {
      throw new ModelException(
          "%s: tensor %s: config.json (sizes of the model, bits and group_size) asks for shape %s, found %s"
              .formatted(tensor.file(), tensor.name(), List.of(sizes), tensor.shape()));
    }
    return tensor;
  }
}
