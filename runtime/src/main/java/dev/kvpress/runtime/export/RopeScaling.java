package dev.kvpress.runtime.export;

/**
 * How rotary frequencies are stretched beyond the trained context.
 *
 * @param type which formula
 * @param factor stretching factor, at least 1 (1 for DEFAULT)
 * @param lowFrequencyFactor LLAMA3: wavelengths above originalPositions / this are stretched fully
 * @param highFrequencyFactor LLAMA3: wavelengths below originalPositions / this are left alone
 * @param originalPositions LLAMA3: context length of the training before stretching
 */
public record RopeScaling(
    Type type,
    double factor,
    double lowFrequencyFactor,
    double highFrequencyFactor,
    int originalPositions) {

  /** Formulas, named as in config.json. */
  public enum Type {
    DEFAULT,
    LINEAR,
    LLAMA3
  }

  /** No stretching. */
  public static final RopeScaling NONE = new RopeScaling(Type.DEFAULT, 1, 1, 4, 1);

  public RopeScaling {
    // Written so that NaN fails too.
    if (!(factor >= 1 && factor <= 1e6)) {
      throw new IllegalArgumentException("factor must be in [1, 1e6], found " + factor);
    }
    if (!(lowFrequencyFactor > 0 && lowFrequencyFactor < highFrequencyFactor)
        || !(highFrequencyFactor <= 1e6)) {
      throw new IllegalArgumentException(
          "low_freq_factor must be positive and below high_freq_factor, found "
              + lowFrequencyFactor
              + " and "
              + highFrequencyFactor);
    }
    if (originalPositions < 1) {
      throw new IllegalArgumentException(
          "original_max_position_embeddings must be positive, found " + originalPositions);
    }
  }

  /** Applies the formula to one frequency in radians per position. */
  double apply(double frequency) {
    return switch (type) {
      case DEFAULT -> frequency;
      case LINEAR -> frequency / factor;
      case LLAMA3 -> llama3(frequency);
    };
  }

  /** Frequencies between the two bounds are mixed, counted in turns within the original context. */
  private double llama3(double frequency) {
    double turns = originalPositions * frequency / (2 * Math.PI);
    if (turns > highFrequencyFactor) {
      return frequency;
    }
    if (turns < lowFrequencyFactor) {
      return frequency / factor;
    }
    double smooth = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
    return (1 - smooth) * frequency / factor + smooth * frequency;
  }
}
