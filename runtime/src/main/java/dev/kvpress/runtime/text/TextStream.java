package dev.kvpress.runtime.text;

import static com.google.common.base.Preconditions.checkElementIndex;

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

  /** Whether the text of all tokens so far has been handed out, and nothing can be added to it. */
  private boolean settled = true;

  private int handedOut;
  private int[] starts = new int[LONG];
  private int added;
  private int known;

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
    stream.settled = !stream.open && stream.said == all.length();
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
    if (added == starts.length) {
      starts = Arrays.copyOf(starts, added * 2);
    }
    added++;
    if (settled) {
      starts[known++] = handedOut;
    }
    settled = false;
    return open ? "" : handOut(false);
  }

  /** No more tokens come; gives what is left, whole or not. */
  public String end() {
    return handOut(true);
  }

  private String handOut(boolean rest) {
    String all = decoded();
    int certain = rest ? all.length() : wholeLength(all);
    String next = beyond(all, certain);
    handedOut += next.length();
    if (rest || !next.isEmpty()) {
      findStarts(all, certain);
    }
    settled = said >= all.length();
    shorten(all);
    return next;
  }

  /**
   * Tokens of which is known where their text begins; these are the first ones. Missing are those
   * behind a character that is not whole yet.
   */
  public int knownStarts() {
    return known;
  }

  /**
   * Where the text of a token begins: how many characters (UTF-16) of what is handed out the tokens
   * before it have given already. A character of several tokens begins with all of them.
   *
   * @param token 0 the first that was added; below {@link #knownStarts()}
   */
  public int start(int token) {
    checkElementIndex(token, known);
    return starts[token];
  }

  /** Whether all tokens so far have given their text, down to the last byte. */
  public boolean isSettled() {
    return settled;
  }

  /** Finds where tokens begin whose predecessors had not settled when they came. */
  private void findStarts(String all, int certain) {
    for (; known < added; known++) {
      String before = tokenizer.decode(Arrays.copyOf(ids, count - (added - known)));
      int common = commonPrefix(before, all, certain);
      if (common == certain && before.length() > certain) {
        return;
      }
      int least = known == 0 ? 0 : starts[known - 1];
      starts[known] = Math.max(least, handedOut - said + common);
    }
  }

  private static int commonPrefix(String one, String other, int most) {
    int end = Math.min(one.length(), most);
    int i = 0;
    while (i < end && one.charAt(i) == other.charAt(i)) {
      i++;
    }
    return i;
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
