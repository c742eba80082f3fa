package dev.kvpress.presses;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How much of a cache may stay. A budget is an argument of {@link Press#compress} and never a field
 * of a press, so that wrappers and sweeps change it without touching the press.
 */
public sealed interface Budget {

  /** The budget that keeps everything. */
  Budget FULL = new Ratio(0);

  /**
   * Number of tokens that stay of {@code tokens} seen.
   *
   * @param tokens tokens seen so far, not negative
   * @return between 0 and {@code tokens}; at least 1 unless {@code tokens} is 0
   */
  int keptOf(int tokens);

  /** Whether nothing is removed, whatever the length; a scorer is not even asked then. */
  boolean keepsAll();

  /** The fraction removed, where the budget was given as one. */
  OptionalDouble compressionRatio();

  /** Text for messages, for instance {@code compression_ratio=0.6}. */
  String describe();

  /**
   * A budget as the fraction removed.
   *
   * @param compressionRatio in [0, 1)
   * @throws IllegalArgumentException if out of range or not a number
   */
  static Budget ratio(double compressionRatio) {
    return new Ratio(compressionRatio);
  }

  /**
   * A budget as a number of tokens.
   *
   * @param tokens at least 1
   * @throws IllegalArgumentException if below 1
   */
  static Budget tokens(int tokens) {
    return new Tokens(tokens);
  }

  /**
   * Fraction removed; {@code max(1, (int) (n * (1.0 - r)))} tokens stay, computed in double and
   * truncated as kvpress does ({@code scorer_press.py}), but never zero tokens as kvpress before
   * its issue 264 could.
   */
  record Ratio(double fractionRemoved) implements Budget {
    /** Checks the range. */
    public Ratio {
      if (!(fractionRemoved >= 0 && fractionRemoved < 1)) {
        throw new IllegalArgumentException(
            "compression_ratio is the fraction removed and must be in [0, 1), found "
                + fractionRemoved);
      }
    }

    @Override
    public int keptOf(int tokens) {
      if (fractionRemoved == 0 || tokens == 0) {
        return tokens;
      }
      return Math.max(1, (int) (tokens * (1.0 - fractionRemoved)));
    }

    @Override
    public boolean keepsAll() {
      return fractionRemoved == 0;
    }

    @Override
    public OptionalDouble compressionRatio() {
      return OptionalDouble.of(fractionRemoved);
    }

    @Override
    public String describe() {
      return String.format(Locale.ROOT, "compression_ratio=%s", fractionRemoved);
    }
  }

  /** An absolute number of tokens per row and KV head. */
  record Tokens(int count) implements Budget {
    /** Checks the range. */
    public Tokens {
      if (count < 1) {
        throw new IllegalArgumentException(
            "budget is the number of tokens kept and must be at least 1, found " + count);
      }
    }

    @Override
    public int keptOf(int tokens) {
      return Math.min(tokens, count);
    }

    @Override
    public boolean keepsAll() {
      return false;
    }

    @Override
    public OptionalDouble compressionRatio() {
      return OptionalDouble.empty();
    }

    @Override
    public String describe() {
      return "budget=" + count;
    }
  }

  /**
   * Heavy hitters plus most recent tokens as fractions of the tokens seen, each truncated, as the
   * masking variant of the H2O repository takes them ({@code heavy_ratio}, {@code recent_ratio}).
   */
  record HeavyRecentRatios(double heavyRatio, double recentRatio) implements Budget {
    /** Decimal fractions that add up to 1 may be more as doubles. */
    private static final double ROUNDING = 1e-9;

    /** Checks the range. */
    public HeavyRecentRatios {
      if (!(heavyRatio >= 0 && heavyRatio <= 1 && recentRatio >= 0 && recentRatio <= 1)
          || heavyRatio + recentRatio == 0) {
        throw new IllegalArgumentException(
            "heavy_ratio and recent_ratio are fractions kept, from 0 to 1 and not both 0, found "
                + heavyRatio
                + " and "
                + recentRatio);
      }
      if (heavyRatio + recentRatio > 1 + ROUNDING) {
        throw new IllegalArgumentException(
            "heavy_ratio and recent_ratio are fractions of the same tokens and add up to 1 at most, found "
                + heavyRatio
                + " and "
                + recentRatio
                + "; lower one");
      }
    }

    /** Most recent tokens that stay of {@code tokens} seen. */
    public int recentOf(int tokens) {
      return (int) (tokens * recentRatio);
    }

    @Override
    public int keptOf(int tokens) {
      int kept = (int) (tokens * heavyRatio) + recentOf(tokens);
      return Math.min(tokens, Math.max(1, kept));
    }

    @Override
    public boolean keepsAll() {
      return false;
    }

    @Override
    public OptionalDouble compressionRatio() {
      return OptionalDouble.empty();
    }

    @Override
    public String describe() {
      return String.format(Locale.ROOT, "heavy_ratio=%s,recent_ratio=%s", heavyRatio, recentRatio);
    }
  }

  /**
   * Heavy hitters plus most recent tokens, as the H2O repository names its sizes ({@code hh_size},
   * {@code recent_size}).
   */
  record HeavyRecent(int heavy, int recent) implements Budget {
    /** Checks the range. */
    public HeavyRecent {
      if (heavy < 0 || recent < 0 || (long) heavy + recent < 1 || (long) heavy + recent > 1 << 30) {
        throw new IllegalArgumentException(
            "heavy and recent tokens must not be negative and together at least 1, found heavy="
                + heavy
                + " and recent="
                + recent);
      }
    }

    @Override
    public int keptOf(int tokens) {
      return Math.min(tokens, heavy + recent);
    }

    @Override
    public boolean keepsAll() {
      return false;
    }

    @Override
    public OptionalDouble compressionRatio() {
      return OptionalDouble.empty();
    }

    @Override
    public String describe() {
      return "heavy=" + heavy + ",recent=" + recent;
    }
  }
}
