package dev.kvpress.compare.task;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A text that a model wrote, the most likely token each time.
 *
 * @param raw as it came, without what stands behind a stop text; code is told by its indentation
 * @param tokens number of tokens that were generated for it
 */
record Written(String raw, int tokens) {

  /** Without blanks around it. */
  String text() {
    return raw.strip();
  }

  /**
   * Writes until a token that ends texts, a stop text, or the most tokens.
   *
   * @param stops none of them empty
   */
  static Written by(Conversation cache, Tokenizer tokenizer, int most, List<String> stops) {
    Watch watch = new Watch(tokenizer, stops, most);
    ImmutableIntArray ids = cache.greedy(most, watch);
    String text = watch.stoppedAt < 0 ? tokenizer.decode(ids.toArray()) : watch.text;
    return new Written(text, ids.length());
  }

  /** Sees each token before it is passed; the text decides, since a stop may lie within a token. */
  private static final class Watch implements IntPredicate {
    private final Tokenizer tokenizer;
    private final List<String> stops;
    private final int[] ids;
    private int count;
    private int stoppedAt = -1;
    private String text = "";

    Watch(Tokenizer tokenizer, List<String> stops, int most) {
      this.tokenizer = tokenizer;
      this.stops = stops;
      this.ids = new int[most];
    }

    @Override
    public boolean test(int id) {
      if (tokenizer.endsText(id)) {
        return true;
      }
      if (stops.isEmpty()) {
        return false;
      }
      ids[count++] = id;
      String all = tokenizer.decode(Arrays.copyOf(ids, count));
      for (String stop : stops) {
        int at = all.indexOf(stop);
        if (at >= 0 && (stoppedAt < 0 || at < stoppedAt)) {
          stoppedAt = at;
          text = all.substring(0, at);
        }
      }
      return stoppedAt >= 0;
    }
  }
}
