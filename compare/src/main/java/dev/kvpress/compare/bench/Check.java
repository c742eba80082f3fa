package dev.kvpress.compare.bench;

/**
 * One target.
 *
 * @param found the measured figure
 * @param limit the most it may be
 */
public record Check(String what, double found, double limit, String unit) {
  /** Whether it is met. */
  public boolean isMet() {
    return found <= limit;
  }

  /** A line for the terminal. */
  public String line() {
    return "%-6s %s: %.2f %s, at most %.2f%n"
        .formatted(isMet() ? "met" : "MISSED", what, found, unit, limit);
  }
}
