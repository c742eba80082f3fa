package dev.kvpress.runtime.text;

import java.util.Arrays;

/**
 * Turns tokens into text as they come. Each piece handed out holds whole characters only, and all
 * of them together are exactly what {@link Tokenizer#decode} makes of all tokens at once.
 *
 * <p>Only the last tokens are decoded again for each new one: as many as it takes that nothing
 * before them bears on what they become.
 */
public final class TextStream {
  private static final char INCOMPLETE = '\uFFFD';

  /** Long enough that cutting the front off is rare, short enough to decode for each token. */
  private static final int LONG = 64;

  private final Tokenizer tokenizer;
  private int[] ids = new int[LONG * 2];
  private int count;
  private int said;
  private boolean open;

  private TextStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The text of tokens from the first on. */
  public static TextStream of(Tokenizer tokenizer) {
    return new TextStream(tokenizer);
  }

  /**
   * The text that goes on behind a prompt: what decoding prompt and tokens together gives beyond
   * the whole characters of the prompt. One that the prompt begins and the tokens end is part of
   * it.
   */
  public static TextStream behind(Tokenizer tokenizer, int[] prompt) {
    TextStream stream = new TextStream(tokenizer);
    for (int id : prompt) {
      stream.put(id);
    }
    String all = stream.decoded();
    stream.said = wholeLength(all);
    stream.shorten(all);
    return stream;
  }

  private void put(int id) {
    if (count == ids.length) {
      ids = Arrays.copyOf(ids, count * 2);
    }
    ids[count++] = id;
    // An id that stands for nothing leaves things as they were.
    open = tokenizer.leavesOpen(id) || open && tokenizer.decode(new int[] {id}).isEmpty();
  }

  /** One more token; gives the characters that are certain now and were not before. */
  public String add(int id) {
    put(id);
    if (open) {
      return "";
    }
    String all = decoded();
    String next = beyond(all, wholeLength(all));
    shorten(all);
    return next;
  }

  /** No more tokens come; gives what is left, whole or not. */
  public String end() {
    String all = decoded();
    return beyond(all, all.length());
  }

  private String decoded() {
    return tokenizer.decode(Arrays.copyOf(ids, count));
  }

  private String beyond(String all, int to) {
    if (to <= said) {
      return "";
    }
    String next = all.substring(said, to);
    said = to;
    return next;
  }

  /** Characters before a character that may not be whole yet. */
  private static int wholeLength(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == INCOMPLETE) {
      end--;
    }
    return end;
  }

  /**
   * Drops tokens whose text has been said, but for the last ones: the first token of a text may be
   * decoded in another way than one that follows others.
   */
  private void shorten(String all) {
    if (count < LONG || open || said != all.length()) {
      return;
    }
    for (int keep = 1; keep < count; keep *= 2) {
      int[] last = Arrays.copyOfRange(ids, count - keep, count);
      String text = tokenizer.decode(last);
      if (!text.isEmpty() && text.charAt(text.length() - 1) != INCOMPLETE) {
        System.arraycopy(last, 0, ids, 0, keep);
        count = keep;
        said = text.length();
        return;
      }
    }
  }
}
