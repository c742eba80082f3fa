package dev.kvpress.compare.cli;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts as SLURM writes them, within what it can count. */
final class SlurmAmounts {
  // At most nine digits: no overflow.
  private static final Pattern DAYS =
      Pattern.compile("([0-9]{1,9})-([0-9]{1,2})(?::([0-9]{1,2}))?(?::([0-9]{1,2}))?");
  private static final Pattern CLOCK =
      Pattern.compile("([0-9]{1,9})(?::([0-9]{1,2}))?(?::([0-9]{1,2}))?");
  private static final Set<String> UNBOUNDED = Set.of("UNLIMITED", "INFINITE");

  private static final Pattern MEMORY = Pattern.compile("([1-9][0-9]*)([KMGT])");
  private static final String UNITS = "KMGT";
  // In KiB: less is too little for Java and the engine, and more has no machine.
  private static final BigInteger LEAST = BigInteger.valueOf(256L << 10);
  private static final BigInteger MOST = BigInteger.valueOf(1024L << 30);

  private SlurmAmounts() {}

  /** A limit of time, as SLURM takes it; empty where it is none. */
  static Optional<String> time(String text) {
    String bare = text.strip().toUpperCase(Locale.ROOT);
    return UNBOUNDED.contains(bare) || isTime(bare) ? Optional.of(bare) : Optional.empty();
  }

  private static boolean isTime(String text) {
    Matcher days = DAYS.matcher(text);
    if (days.matches()) {
      return number(days, 2) < 24
          && number(days, 3) < 60
          && number(days, 4) < 60
          && fits(number(days, 1), 24 * 60 * 60);
    }
    Matcher clock = CLOCK.matcher(text);
    boolean hours = clock.matches() && clock.group(3) != null;
    return clock.matches()
        && number(clock, 2) < 60
        && number(clock, 3) < 60
        && fits(number(clock, 1), hours ? 60 * 60 : 60);
  }

  private static long number(Matcher matcher, int group) {
    return matcher.group(group) == null ? 0 : Long.parseLong(matcher.group(group));
  }

  /** SLURM counts seconds in 31 bits. */
  private static boolean fits(long count, long seconds) {
    return (count + 1) * seconds <= Integer.MAX_VALUE;
  }

  /** A size of memory, as SLURM takes it; empty where it is none that a job could have. */
  static Optional<String> memory(String text) {
    String bare = text.strip().toUpperCase(Locale.ROOT);
    Matcher matcher = MEMORY.matcher(bare);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    BigInteger size =
        new BigInteger(matcher.group(1)).shiftLeft(10 * UNITS.indexOf(matcher.group(2)));
    return size.compareTo(LEAST) >= 0 && size.compareTo(MOST) <= 0
        ? Optional.of(bare)
        : Optional.empty();
  }
}
