package dev.kvpress.runtime.cache.packed;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.runtime.graph.PackedForm;

/**
 * How tokens lie in the packed part of a cache. Every block has a scale and a minimum in float16.
 *
 * @param bits per number: 8, 4 or 2
 * @param tokens g, tokens that share the blocks of their keys, one block for each channel
 * @param headSize D
 * @param channels channels of a value that share a block; divides D
 */
public record BlockShape(int bits, int tokens, int headSize, int channels) {
  /** Checks the ranges. */
  public BlockShape {
    checkArgument(bits == 8 || bits == 4 || bits == 2, "bits must be 8, 4 or 2, found %s", bits);
    checkArgument(tokens >= 1, "tokens of a group must be at least 1, found %s", tokens);
    checkArgument(
        headSize >= 1 && headSize * bits % 8 == 0,
        "the head size must fill whole bytes, found %s numbers of %s bits",
        headSize,
        bits);
    checkArgument(
        channels >= 1 && headSize % channels == 0,
        "blocks of %s channels do not divide a head size of %s",
        channels,
        headSize);
  }

  /**
   * The shape for a group size: values share blocks of as many channels, or of the largest number
   * below that which divides the head size.
   */
  public static BlockShape of(int bits, int group, int headSize) {
    int channels = Math.min(group, headSize);
    while (headSize % channels != 0) {
      channels--;
    }
    return new BlockShape(bits, group, headSize, channels);
  }

  /** The form in which a graph reads it. */
  public PackedForm form() {
    return new PackedForm(bits, tokens, channels);
  }

  /** The largest code, 2^bits − 1. */
  int top() {
    return (1 << bits) - 1;
  }

  /** n, bytes of the codes of one vector. */
  public int vectorBytes() {
    return headSize * bits / 8;
  }

  /** Blocks of one value. */
  public int valueBlocks() {
    return headSize / channels;
  }

  /** Bytes of all parts of one group of one head. */
  long groupBytes() {
    long keys = (long) tokens * vectorBytes() + 2L * Short.BYTES * headSize;
    return keys + (long) tokens * (vectorBytes() + 2L * Short.BYTES * valueBlocks());
  }

  /** Bytes of packed tokens of one head, with each token's share of what its keys share. */
  long bytesOf(long packedTokens) {
    return packedTokens * groupBytes() / tokens;
  }
}
