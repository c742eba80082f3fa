package dev.kvpress.runtime.export.packed;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The whole number that stands for zero in each group of a matrix. */
final class ZeroGrid {
  private final int bits;
  private final @Nullable CodeGrid codes;
  private final @Nullable Entry stored;
  private final boolean lessOne;

  private ZeroGrid(int bits, @Nullable CodeGrid codes, @Nullable Entry stored, boolean lessOne) {
    this.bits = bits;
    this.codes = codes;
    this.stored = stored;
    this.lessOne = lessOne;
  }

  /** The middle of the range for every group. */
  static ZeroGrid middle(int bits) {
    return new ZeroGrid(bits, null, null, false);
  }

  /** As they are stored. */
  static ZeroGrid of(int bits, CodeGrid codes, Entry stored) {
    return new ZeroGrid(bits, codes, stored, false);
  }

  /** Stored as what they are less one. */
  static ZeroGrid lessOne(int bits, CodeGrid codes, Entry stored) {
    return new ZeroGrid(bits, codes, stored, true);
  }

  /** The number for a zero in the middle. */
  static int middleOf(int bits) {
    return 1 << (bits - 1);
  }

  /**
   * All of them.
   *
   * @return {@code [out,groups]}, unsigned
   */
  byte[] read(int out, int groups) throws IOException {
    if (codes == null || stored == null) {
      byte[] zeros = new byte[Math.multiplyExact(out, groups)];
      Arrays.fill(zeros, (byte) middleOf(bits));
      return zeros;
    }
    byte[] zeros = codes.read(0, out, groups);
    if (lessOne) {
      int highest = (1 << bits) - 1;
      for (int i = 0; i < zeros.length; i++) {
        // Zero less one has no place in the bits and has spoilt its neighbours where it was packed;
        // of those who read it some take 0 and some one more than the highest.
        if ((zeros[i] & 0xff) == highest) {
          throw new ModelException(
              "%s: tensor %s: the zero point of output %d in group %d is stored as %d, which checkpoint_format gptq has no meaning for (readers take it as 0 or as %d); quantize again with checkpoint_format gptq_v2 or sym true"
                  .formatted(
                      stored.file(), stored.name(), i / groups, i % groups, highest, highest + 1));
        }
        zeros[i]++;
      }
    }
    return zeros;
  }

  /** Whether all are in the middle of the range. */
  boolean isMiddle(int out, int groups) throws IOException {
    if (codes == null) {
      return true;
    }
    for (byte zero : read(out, groups)) {
      if ((zero & 0xff) != middleOf(bits)) {
        return false;
      }
    }
    return true;
  }
}
