package dev.kvpress.compare.run;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.runtime.decode.Context;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Which tokens of a context are still in the cache: for each layer and token the number of KV heads
 * that keep it.
 *
 * @param kvHeads G, at most 127
 * @param tokens S
 * @param layers one row of S counts for each layer
 */
public record KeepMap(int kvHeads, int tokens, List<byte[]> layers) {
  static final int MOST_HEADS = Byte.MAX_VALUE;

  /** Checks the shape. */
  public KeepMap {
    checkArgument(kvHeads >= 1 && kvHeads <= MOST_HEADS, "KV heads out of range: %s", kvHeads);
    layers = List.copyOf(layers);
    for (byte[] layer : layers) {
      checkArgument(layer.length == tokens, "a layer must have %s tokens", tokens);
    }
  }

  /** The map of a context of one row. */
  static KeepMap of(Context context, int layers, int kvHeads, int tokens) {
    List<byte[]> counts = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      byte[] row = new byte[tokens];
      for (int g = 0; g < kvHeads; g++) {
        for (int position : context.positions(l, 0, g)) {
          // Trained tokens behind the text are no part of it.
          if (position < tokens) {
            row[position]++;
          }
        }
      }
      counts.add(row);
    }
    return new KeepMap(kvHeads, tokens, counts);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeepMap that
        && kvHeads == that.kvHeads
        && tokens == that.tokens
        && Arrays.deepEquals(layers.toArray(), that.layers.toArray());
  }

  @Override
  public int hashCode() {
    return Objects.hash(kvHeads, tokens, Arrays.deepHashCode(layers.toArray()));
  }
}
