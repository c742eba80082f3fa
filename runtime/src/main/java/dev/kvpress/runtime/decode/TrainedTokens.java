package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Trained tokens that have passed behind a context, and edits that were decided before. */
final class TrainedTokens {
  /** Stands for a token without an id. */
  static final int NO_ID = -1;

  private final int count;

  /**
   * So many tokens.
   *
   * @param count at least 1
   */
  TrainedTokens(int count) {
    this.count = count;
  }

  /** Their ids in the vocabulary of the model that they pass through. */
  int[] ids() {
    return IntStream.range(0, count).toArray();
  }

  /**
   * The edits of all layers with these tokens staying in every head.
   *
   * @param layers after the tokens have passed
   * @param edits of the slots before
   */
  List<CacheEdit> staying(List<LayerCache> layers, List<CacheEdit> edits) {
    List<CacheEdit> all = new ArrayList<>();
    for (int l = 0; l < edits.size(); l++) {
      all.add(staying(layers.get(l), edits.get(l)));
    }
    return all;
  }

  private CacheEdit staying(LayerCache layer, CacheEdit edit) {
    checkArgument(
        edit.keys().isEmpty()
            && edit.values().isEmpty()
            && edit.zeroedChannels().isEmpty()
            && edit.nextPosition().isEmpty(),
        "a press that appends trained tokens may only choose which slots stay");
    if (edit.kept().isEmpty()) {
      return edit;
    }
    KeptSlots kept = edit.kept().get();
    int[][] slots = new int[kept.batch() * kept.kvHeads()][];
    for (int head = 0; head < slots.length; head++) {
      int row = head / kept.kvHeads();
      int kvHead = head % kept.kvHeads();
      int[] own = kept.of(row, kvHead);
      int first = layer.length(row, kvHead) - count;
      slots[head] = Arrays.copyOf(own, own.length + count);
      for (int i = 0; i < count; i++) {
        slots[head][own.length + i] = first + i;
      }
    }
    CacheEdit both =
        CacheEdit.keep(new KeptSlots(kept.batch(), kept.kvHeads(), slots))
            .remembering(edit.state());
    for (String notice : edit.notices()) {
      both = both.withNotice(notice);
    }
    return both;
  }
}
