package dev.kvpress.runtime.graph;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;

/**
 * How keys and values are packed: keys per channel over groups of tokens, values per token over
 * groups of channels (KIVI, arXiv 2402.02750, section 3). Every block has a scale and a minimum,
 * and a number is scale · code + minimum with a code from 0 to 2^bits − 1.
 *
 * <p>The codes of a token take n = D · bits / 8 bytes. That of channel d lies in byte d mod n, from
 * bit bits · (d div n) on.
 *
 * @param bits of one code: 8, 4 or 2
 * @param keyGroup g, how many tokens of a channel share scale and minimum
 * @param valueGroup how many channels of a token share scale and minimum, a divisor of D
 */
public record PackedForm(int bits, int keyGroup, int valueGroup) {
  /** As KIVI and its followers have it. */
  public static final int DEFAULT_GROUP = 32;

  /** Checks the ranges. */
  public PackedForm {
    checkArgument(bits == 8 || bits == 4 || bits == 2, "codes have 8, 4 or 2 bits, found %s", bits);
    checkArgument(keyGroup >= 1, "a group of tokens must hold at least 1, found %s", keyGroup);
    checkArgument(
        valueGroup >= 1, "a group of channels must hold at least 1, found %s", valueGroup);
  }

  /** With groups of 32 tokens, and of as many channels as divide the head size, 32 at most. */
  public static PackedForm of(int bits, int headSize) {
    int channels = Math.min(DEFAULT_GROUP, headSize);
    while (headSize % channels != 0) {
      channels--;
    }
    return new PackedForm(bits, DEFAULT_GROUP, channels);
  }

  /** Codes in one byte. */
  public int perByte() {
    return 8 / bits;
  }

  /** n, bytes of the codes of one token of one head. */
  public int tokenBytes(int headSize) {
    return headSize / perByte();
  }

  /** Blocks of one value, D / {@link #valueGroup}. */
  public int valueBlocks(int headSize) {
    return headSize / valueGroup;
  }

  /** Why heads of a size cannot be packed in this way; empty where they can. */
  public Optional<String> refusal(int headSize) {
    if (headSize % perByte() != 0) {
      return Optional.of(
          "%d codes of %d bits share a byte, which the head size %d is no multiple of"
              .formatted(perByte(), bits, headSize));
    }
    return headSize % valueGroup == 0
        ? Optional.empty()
        : Optional.of(
            "groups of %d channels do not divide the head size %d".formatted(valueGroup, headSize));
  }
}
