package dev.kvpress.runtime.export.weights;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * In how many bits the matrices of an export are stored. Norms, biases, routers and learned
 * positions are float32 in all of them.
 *
 * <p>A weight that the checkpoint holds in blocks of no more bits than the format has is taken as
 * it is: rounding it again would add errors and nothing else.
 */
public enum WeightFormat {
  /**
   * What a checkpoint holds in blocks of 4 or 8 bits as it is, all else as float32. For a
   * checkpoint of floats the same as F32.
   */
  STORED,
  /** The numbers of a checkpoint of any kind, exact. */
  F32,
  /** Rounded to IEEE 754 binary16, computed in float32. */
  F16,
  /** Blocks of whole numbers of 8 bits, each block with a scale. */
  INT8,
  /** Blocks of 4 bits; embedding and output matrix of 8, since errors there meet every token. */
  INT4;

  /** The name that options and reports use. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether numbers are stored as whole ones with scales. */
  public boolean isQuantized() {
    return this == INT8 || this == INT4 || this == STORED;
  }

  /** The format of a label. */
  public static Optional<WeightFormat> of(String label) {
    return Arrays.stream(values()).filter(format -> format.label().equals(label)).findFirst();
  }
}
