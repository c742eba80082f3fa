package dev.kvpress.runtime.export.packed;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which group each input of a matrix belongs to. */
final class GroupOrder {
  private final int groupSize;
  private final int @Nullable [] groups;

  private GroupOrder(int groupSize, int @Nullable [] groups) {
    this.groupSize = groupSize;
    this.groups = groups;
  }

  /** Each group holds the inputs behind those of the one before. */
  static GroupOrder plain(MatrixShape shape) {
    return new GroupOrder(shape.groupSize(), null);
  }

  /**
   * As stored.
   *
   * @param stored int32 {@code [in]}, or null where each group holds the inputs behind those of the
   *     one before
   * @param mayReorder whether the settings allow another order
   * @param contradiction what to say of another order where they do not
   * @throws ModelException if there is no such group, or the settings do not allow the order
   */
  static GroupOrder of(
      @Nullable Entry stored, MatrixShape shape, boolean mayReorder, String contradiction)
      throws IOException {
    if (stored == null) {
      return plain(shape);
    }
    GroupOrder order = read(Expect.vector(stored, "I32", shape.inputs()), shape);
    if (!mayReorder && !order.isPlain()) {
      throw new ModelException(
          "%s: tensor %s: groups are not one after another, although %s"
              .formatted(stored.file(), stored.name(), contradiction));
    }
    return order;
  }

  private static GroupOrder read(Entry stored, MatrixShape shape) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(shape.inputs() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel in = FileChannel.open(stored.file(), StandardOpenOption.READ)) {
      FloatDecoder.readFully(in, stored.begin(), bytes);
    }
    int[] groups = new int[shape.inputs()];
    bytes.flip().asIntBuffer().get(groups);
    boolean plain = true;
    for (int i = 0; i < groups.length; i++) {
      if (groups[i] < 0 || groups[i] >= shape.groups()) {
        throw new ModelException(
            "%s: tensor %s: the group of input %d must be in [0, %d], found %d"
                .formatted(stored.file(), stored.name(), i, shape.groups() - 1, groups[i]));
      }
      plain &= groups[i] == i / shape.groupSize();
    }
    return new GroupOrder(shape.groupSize(), plain ? null : groups);
  }

  /** Whether each group holds the inputs behind those of the one before. */
  boolean isPlain() {
    return groups == null;
  }

  /**
   * The inputs group by group, those of a group in their order.
   *
   * @return empty where a group but the last has not as many as the groups of the shape
   */
  Optional<int[]> sorted(MatrixShape shape) {
    int[] next = new int[shape.groups()];
    Arrays.setAll(next, g -> g * groupSize);
    int[] sorted = new int[shape.inputs()];
    for (int i = 0; i < sorted.length; i++) {
      int g = group(i);
      int end = Math.min((g + 1) * groupSize, sorted.length);
      if (next[g] == end) {
        return Optional.empty();
      }
      sorted[next[g]++] = i;
    }
    return Optional.of(sorted);
  }

  int group(int input) {
    return groups == null ? input / groupSize : groups[input];
  }
}
