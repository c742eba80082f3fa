package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;

/** Keys turned to new positions, for {@link KeyRerotationPress}. */
final class MovedKeys {
  private MovedKeys() {}

  /**
   * The keys of kept tokens as if these stood at the positions 0, 1, 2, ….
   *
   * @param kept as many in each head
   * @param before their keys, {@code [B, G, kept, D]}
   * @return {@code [B, G, kept, D]}
   */
  static HeadVectors together(LayerSignals layer, KeptSlots kept, HeadVectors before) {
    int count = kept.maxCount();
    int size = before.size();
    float[] turned = new float[layer.batch() * layer.kvHeads() * count * size];
    float[] key = new float[size];
    double[] wide = new double[size];
    for (int at = 0; at < turned.length; at += size) {
      int i = at / size % count;
      int kvHead = at / size / count % layer.kvHeads();
      int row = at / size / count / layer.kvHeads();
      before.read(row, kvHead, i, key);
      Arrays.setAll(wide, c -> key[c]);
      layer.rotary().turn(wide, i - layer.position(row, kvHead, kept.slot(row, kvHead, i)));
      for (int c = 0; c < size; c++) {
        turned[at + c] = (float) wide[c];
      }
    }
    return HeadVectors.dense(turned, layer.batch(), layer.kvHeads(), count, size);
  }
}
