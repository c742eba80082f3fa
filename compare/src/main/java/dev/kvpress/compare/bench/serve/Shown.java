package dev.kvpress.compare.bench.serve;

/** Text of any length and content on one line of a terminal. */
final class Shown {
  private static final int HALF = 160;

  private Shown() {}

  /** Its beginning and its end; what is not printable becomes a dot. */
  static String text(String all) {
    String cut =
        all.length() <= 2 * HALF
            ? all
            : all.substring(0, HALF) + " … " + all.substring(all.length() - HALF);
    return cut.replace("\r\n", "⏎").replaceAll("[^\\x20-\\x7e…⏎]", ".");
  }
}
