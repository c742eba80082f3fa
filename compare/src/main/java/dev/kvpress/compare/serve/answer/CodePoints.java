package dev.kvpress.compare.serve.answer;

/**
 * Turns places in a text that grows, counted in UTF-16 as Java does, into places counted in
 * characters, as clients in Python do. Places are asked for in ascending order.
 */
final class CodePoints {
  private final StringBuilder text = new StringBuilder();
  private final int before;
  private int units;
  private int points;

  /**
   * Before anything is written.
   *
   * @param before characters that stand before the text
   */
  CodePoints(int before) {
    this.before = before;
  }

  /** More text. */
  void append(String more) {
    text.append(more);
  }

  /** Characters before a place; the end of the text for one beyond it. */
  int at(int offset) {
    int end = Math.min(offset, text.length());
    if (end > units) {
      points += Character.codePointCount(text, units, end);
      units = end;
    }
    return before + points;
  }

  /** Characters before the end of the text. */
  int end() {
    return at(text.length());
  }
}
