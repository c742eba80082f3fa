package dev.kvpress.runtime.decode;

/** Logits and texts for tests of other packages. */
public final class TestLogits {
  private TestLogits() {}

  /** One row. */
  public static Logits of(float... values) {
    return new Logits(values.clone(), values.length);
  }

  /** Several rows, all of one length. */
  public static Logits rows(float[]... rows) {
    float[] all = new float[rows.length * rows[0].length];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(rows[r], 0, all, r * rows[0].length, rows[0].length);
    }
    return new Logits(all, rows[0].length);
  }

  /** A prompt and what was chosen behind it. */
  public static TokenHistory text(int[] prompt, int... chosen) {
    TokenHistory text = new TokenHistory(prompt);
    for (int id : chosen) {
      text.add(id);
    }
    return text;
  }
}
