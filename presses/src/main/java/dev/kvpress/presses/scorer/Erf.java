package dev.kvpress.presses.scorer;

/** The error function, which Java lacks. */
final class Erf {
  // Series below this, continued fraction above; both converge to double precision there.
  private static final double SWITCH = 2.5;
  private static final int TERMS = 60;

  private Erf() {}

  /** {@code 1 - erf(x)}. */
  static double complement(double x) {
    double size = Math.abs(x);
    double tail = size < SWITCH ? 1 - series(size) : fraction(size);
    return x < 0 ? 2 - tail : tail;
  }

  /** {@code 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 3 5 … (2n+1))}. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < TERMS; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /** {@code exp(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + …))))}. */
  private static double fraction(double x) {
    double below = x;
    for (int n = TERMS; n >= 1; n--) {
      below = x + n / 2.0 / below;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / below;
  }
}
