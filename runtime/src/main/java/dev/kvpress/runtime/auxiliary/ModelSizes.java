package dev.kvpress.runtime.auxiliary;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Sizes of the model for which tensors are to fit.
 *
 * @param layers L
 * @param queryHeads H
 * @param kvHeads G
 * @param headSize D
 * @param hidden E, 0 where unknown
 */
public record ModelSizes(int layers, int queryHeads, int kvHeads, int headSize, int hidden) {
  private static final int RATIOS = 99;

  /** Checks the ranges. */
  public ModelSizes {
    checkArgument(
        layers > 0 && queryHeads > 0 && kvHeads > 0 && headSize > 0 && hidden >= 0,
        "sizes of a model must be positive");
  }

  /** The size that a letter of the glossary stands for; 0 where it is not known beforehand. */
  int of(char letter) {
    return switch (letter) {
      case 'H' -> queryHeads;
      case 'G' -> kvHeads;
      case 'D' -> headSize;
      case 'E' -> hidden;
      case 'g' -> queryHeads / kvHeads;
      case 'R' -> RATIOS;
      case '1' -> 1;
      default -> 0;
    };
  }
}
