package dev.kvpress.presses.spec;

/** Says the range of a parameter in words. */
final class Ranges {
  private Ranges() {}

  static String describe(Parameter p) {
    boolean whole = p.type() == Parameter.Type.INTEGER;
    String kind = whole ? "a whole number" : "a number";
    // The bounds of the type itself say nothing to a reader.
    boolean below = p.min() != Double.NEGATIVE_INFINITY && p.min() != Integer.MIN_VALUE;
    boolean above =
        p.max() != Double.POSITIVE_INFINITY
            && p.max() != Double.MAX_VALUE
            && p.max() != Integer.MAX_VALUE;
    if (below && above) {
      return kind + " from " + text(p.min(), whole) + " to " + text(p.max(), whole);
    }
    if (below) {
      return kind + " of at least " + text(p.min(), whole);
    }
    return above ? kind + " of at most " + text(p.max(), whole) : kind;
  }

  private static String text(double bound, boolean whole) {
    return whole ? String.valueOf((long) bound) : String.valueOf(bound);
  }
}
