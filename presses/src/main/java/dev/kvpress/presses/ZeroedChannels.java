package dev.kvpress.presses;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.stream.IntStream;

/** Channels of the head size D that are zero from now on, for each batch row and KV head. */
public final class ZeroedChannels {
  private final int kvHeads;
  private final int[][] channels;

  /**
   * Takes the channels.
   *
   * @param batch B
   * @param kvHeads G
   * @param channels {@code [B*G][zeroed]}, each in [0, D)
   */
  public ZeroedChannels(int batch, int kvHeads, int[][] channels) {
    checkArgument(
        channels.length == batch * kvHeads,
        "expected zeroed channels for %s heads, found %s",
        batch * kvHeads,
        channels.length);
    this.kvHeads = kvHeads;
    this.channels = new int[channels.length][];
    for (int i = 0; i < channels.length; i++) {
      this.channels[i] = channels[i].clone();
    }
  }

  /** These channels and others. */
  public ZeroedChannels and(ZeroedChannels others) {
    int[][] both = new int[channels.length][];
    for (int head = 0; head < both.length; head++) {
      both[head] =
          IntStream.concat(IntStream.of(channels[head]), IntStream.of(others.channels[head]))
              .distinct()
              .sorted()
              .toArray();
    }
    return new ZeroedChannels(both.length / kvHeads, kvHeads, both);
  }

  /** A copy of the zeroed channels of one head. */
  public int[] of(int row, int kvHead) {
    return channels[row * kvHeads + kvHead].clone();
  }
}
