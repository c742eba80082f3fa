package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.presses.spec.PressCatalog;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.DoublePredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns the texts of options into values and notes what is wrong with them. */
final class Values {
  // At most 9 digits: no overflow with any of the letters.
  private static final Pattern BYTES = Pattern.compile("([0-9]{1,9})([kmg]?)(?:i?b)?");

  // As many digits as an int holds in any case.
  private static final Pattern SHARD = Pattern.compile("([0-9]{1,9})/([0-9]{1,9})");

  private final Problems problems;

  Values(Problems problems) {
    this.problems = problems;
  }

  /** A whole number of at least {@code min}, if given. */
  OptionalInt integer(String option, @Nullable String text, int min) {
    if (text == null) {
      return OptionalInt.empty();
    }
    try {
      int value = Integer.parseInt(text.strip());
      if (value >= min) {
        return OptionalInt.of(value);
      }
    } catch (NumberFormatException e) {
      // Said below, as for numbers out of range.
    }
    String bound = min == Integer.MIN_VALUE ? "" : " of at least " + min;
    problems.add(
        "%s: expected a whole number%s, found '%s'"
            .formatted(
                option, isTooLarge(text) ? " of at most " + Integer.MAX_VALUE : bound, text));
    return OptionalInt.empty();
  }

  private static boolean isTooLarge(String text) {
    try {
      return new BigDecimal(text.strip()).compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** A number of bytes, with k, m or g behind it for powers of 1,024, if given. */
  OptionalLong bytes(String option, @Nullable String text) {
    if (text == null) {
      return OptionalLong.empty();
    }
    Matcher matcher = BYTES.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      int shift = 10 * "kmg".indexOf(matcher.group(2)) + (matcher.group(2).isEmpty() ? 0 : 10);
      return OptionalLong.of(Long.parseLong(matcher.group(1)) << shift);
    }
    problems.add(
        "%s: expected a number of bytes, for instance 512m or 2g, found '%s'"
            .formatted(option, text));
    return OptionalLong.empty();
  }

  /**
   * A finite number, if given.
   *
   * @param expected what is allowed, in words
   */
  OptionalDouble number(
      String option, @Nullable String text, DoublePredicate allowed, String expected) {
    if (text == null) {
      return OptionalDouble.empty();
    }
    try {
      double value = Double.parseDouble(text.strip());
      if (Double.isFinite(value) && allowed.test(value)) {
        return OptionalDouble.of(value);
      }
    } catch (NumberFormatException e) {
      // Said below, as for numbers out of range.
    }
    problems.add("%s: expected %s, found '%s'".formatted(option, expected, text));
    return OptionalDouble.empty();
  }

  /** A fraction removed. */
  Optional<Double> ratio(String option, String text) {
    try {
      double value = Double.parseDouble(text.strip());
      if (value >= 0 && value < 1) {
        return Optional.of(value);
      }
    } catch (NumberFormatException e) {
      // Said below, as for numbers out of range.
    }
    problems.add(
        "%s: expected the fraction removed, in [0, 1) (1 would leave nothing), found '%s'"
            .formatted(option, text));
    return Optional.empty();
  }

  /** One of some words. */
  <T> Optional<T> choice(String option, String text, Map<String, T> choices) {
    T chosen = choices.get(text.strip().toLowerCase(Locale.ROOT));
    if (chosen == null) {
      problems.add(
          option
              + ": "
              + PressCatalog.unknown("value", text, List.copyOf(choices.keySet())).getMessage());
    }
    return Optional.ofNullable(chosen);
  }

  /** A path, if given. */
  Optional<Path> path(String option, @Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    try {
      if (!text.isBlank()) {
        return Optional.of(Path.of(text));
      }
    } catch (InvalidPathException e) {
      // Said below, as for blank ones.
    }
    problems.add("%s: expected a path, found '%s'".formatted(option, text));
    return Optional.empty();
  }

  /** Paths, at least one. */
  List<Path> paths(String option, List<String> texts, String what) {
    if (texts.isEmpty()) {
      problems.add("%s: expected %s, found none".formatted(option, what));
    }
    return texts.stream().flatMap(text -> path(option, text).stream()).toList();
  }

  /** A shard, the whole if none is given. */
  Shard shard(String option, @Nullable String text) {
    if (text == null) {
      return Shard.WHOLE;
    }
    Matcher matcher = SHARD.matcher(text.strip());
    if (matcher.matches()) {
      int number = Integer.parseInt(matcher.group(1));
      int of = Integer.parseInt(matcher.group(2));
      if (number >= 1 && number <= of) {
        return new Shard(number, of);
      }
    }
    problems.add(
        "%s: expected I/N with I from 1 to N and at most nine digits, for instance 1/3, 2/3 and 3/3 for three shards, found '%s'%s"
            .formatted(
                option, text, text.strip().startsWith("0/") ? "; the first shard is 1" : ""));
    return Shard.WHOLE;
  }

  /** A path that must be given and exist. */
  Optional<Path> existing(String option, @Nullable String text, String what) {
    if (text == null) {
      problems.add("%s: expected %s, found nothing; give %s PATH".formatted(option, what, option));
      return Optional.empty();
    }
    Optional<Path> path = path(option, text);
    if (path.isPresent() && !Files.exists(path.get())) {
      problems.add(
          "%s: expected %s, but %s does not exist; check the path"
              .formatted(option, what, path.get()));
      return Optional.empty();
    }
    return path;
  }
}
