package dev.kvpress.runtime.generate;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Looks up which tokens of a context are in its cache. */
final class KeptTokens {
  private KeptTokens() {}

  /**
   * The map of a context of one row.
   *
   * @param ids all that have passed; trained tokens of a press, which are none, are left out
   */
  static KeptMap of(Context context, ImmutableIntArray ids, Tokenizer words) {
    int[] holders = new int[ids.length()];
    int heads = context.layerCount() * context.kvHeads();
    for (int l = 0; l < context.layerCount(); l++) {
      for (int g = 0; g < context.kvHeads(); g++) {
        for (int position : context.positions(l, 0, g)) {
          if (position < holders.length) {
            holders[position]++;
          }
        }
      }
    }
    TokenScorer spelling = new TokenScorer(words, 0);
    List<KeptMap.KeptToken> tokens = new ArrayList<>();
    for (int i = 0; i < holders.length; i++) {
      int id = ids.get(i);
      tokens.add(new KeptMap.KeptToken(id, spelling.spelling(id), holders[i] / (double) heads));
    }
    return new KeptMap(tokens);
  }
}
