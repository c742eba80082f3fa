package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkElementIndex;

import java.util.Arrays;

/** The tokens of a text so far: its prompt, then what was chosen. */
public final class TokenHistory {
  private final int promptLength;
  private int[] ids;
  private int size;

  TokenHistory(int[] prompt) {
    ids = prompt.clone();
    promptLength = prompt.length;
    size = prompt.length;
  }

  void add(int id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size + Math.max(16, size >> 1));
    }
    ids[size++] = id;
  }

  /** Tokens there are. */
  public int size() {
    return size;
  }

  /** Tokens of the prompt, which come first. */
  public int promptLength() {
    return promptLength;
  }

  /** Tokens that were chosen so far. */
  public int chosen() {
    return size - promptLength;
  }

  /** One token, 0 the first of the prompt. */
  public int id(int index) {
    checkElementIndex(index, size);
    return ids[index];
  }

  int[] chosenIds() {
    return Arrays.copyOfRange(ids, promptLength, size);
  }
}
