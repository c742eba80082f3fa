package dev.kvpress.presses;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A cache in fewer bits than it is computed in: keys in blocks of one channel over a group of
 * tokens, values in blocks of channels of one token, the most recent tokens in full (KIVI, arXiv
 * 2402.02750).
 *
 * @param bits per number: 8, 4 or 2
 * @param group tokens that share a block of a key channel, and channels of a value that do, 1 to
 *     4096
 * @param residual most recent tokens of each head that stay in full, not negative; new tokens join
 *     them, so that up to a group more of them do
 */
public record CacheFormat(int bits, int group, int residual) {
  /** The group that KIVI has. */
  public static final int DEFAULT_GROUP = 32;

  /** The tokens in full that KIVI has least. */
  public static final int DEFAULT_RESIDUAL = 32;

  /** The largest group. */
  public static final int LARGEST_GROUP = 4096;

  /** Checks the ranges. */
  public CacheFormat {
    checkArgument(
        bits == 8 || bits == 4 || bits == 2, "bits of a cache must be 8, 4 or 2, found %s", bits);
    checkArgument(
        group >= 1 && group <= LARGEST_GROUP,
        "group must be in the range of 1 to %s, found %s",
        LARGEST_GROUP,
        group);
    checkArgument(residual >= 0, "residual must not be negative, found %s", residual);
  }

  /** With the default group and tokens in full. */
  public static CacheFormat ofBits(int bits) {
    return new CacheFormat(bits, DEFAULT_GROUP, DEFAULT_RESIDUAL);
  }

  /** Text for messages, for instance {@code 4 bits (group 32, residual 32)}. */
  public String describe() {
    return "%d bits (group %d, residual %d)".formatted(bits, group, residual);
  }
}
