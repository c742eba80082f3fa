package dev.kvpress.runtime.cache.position;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.signal.TurnTable;
import java.util.Collection;

/**
 * Positions by slot: the next token stands at {@code next}, and the cached tokens of every head
 * right before it, the last one at {@code next - 1}.
 *
 * <p>One number serves all layers, rows and heads, though they may hold different numbers of
 * tokens. A rotary embedding, a window and ALiBi know distances only, and the distance of a cached
 * token to the query is the number of slots behind it in its own head, wherever counting starts.
 * Counting back from the query is counting from the right, as the tokens lie in memory.
 *
 * @param next slots of the longest head of all layers and rows
 */
public record SlotFrame(int next) {

  /** Checks the range. */
  public SlotFrame {
    checkArgument(next >= 0, "the next slot must not be negative, found %s", next);
  }

  /** That of caches as they are now. */
  public static SlotFrame over(Collection<LayerLedger> layers) {
    return new SlotFrame(layers.stream().mapToInt(LayerLedger::maxLength).max().orElse(0));
  }

  /**
   * Where a cached token of a head stands.
   *
   * @param length tokens that the head holds
   * @param slot of the token, 0 the oldest
   */
  public int position(int length, int slot) {
    return next - length + slot;
  }

  /**
   * Keys as the model sees them.
   *
   * @param keys before rotation {@code [B, G, S, D]}
   * @param tokens whose they are
   * @param rotary the rotation of the layer
   * @return a copy, rotated by slot, {@code [B, G, S, D]}
   */
  public HeadVectors rotated(HeadVectors keys, LayerLedger tokens, RotaryParameters rotary) {
    int heads = tokens.batch() * tokens.kvHeads();
    int longest = Math.max(1, tokens.maxLength());
    int size = keys.size();
    TurnTable turns = TurnTable.upTo(rotary, Math.max(1, next));
    float[] turned = new float[Math.multiplyExact(Math.multiplyExact(heads, longest), size)];
    float[] key = new float[size];
    double[] wide = new double[size];
    for (int head = 0; head < heads; head++) {
      int row = head / tokens.kvHeads();
      int kvHead = head % tokens.kvHeads();
      int length = tokens.length(row, kvHead);
      for (int slot = 0; slot < length; slot++) {
        keys.read(row, kvHead, slot, key);
        for (int c = 0; c < size; c++) {
          wide[c] = key[c];
        }
        turns.rotate(wide, position(length, slot));
        int at = (head * longest + slot) * size;
        for (int c = 0; c < size; c++) {
          turned[at + c] = (float) wide[c];
        }
      }
    }
    return HeadVectors.dense(turned, tokens.batch(), tokens.kvHeads(), longest, size);
  }
}
