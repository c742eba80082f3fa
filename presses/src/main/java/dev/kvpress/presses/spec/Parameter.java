package dev.kvpress.presses.spec;

import static com.google.common.base.Preconditions.checkArgument;

import org.jspecify.annotations.Nullable;

/**
 * A parameter of a press.
 *
 * @param name kvpress's name, lower case with underscores
 * @param type what may stand after the {@code =}
 * @param defaultText the value used when none is given; null: the press goes without
 * @param min smallest value, inclusive; −∞ for none
 * @param max largest value, inclusive; +∞ for none
 * @param description half a sentence for listings
 */
public record Parameter(
    String name,
    Type type,
    @Nullable String defaultText,
    double min,
    double max,
    String description) {

  /** Kinds of values. */
  public enum Type {
    /** A whole number. */
    INTEGER,
    /** A real number. */
    NUMBER,
    /** true or false. */
    FLAG,
    /** Any text, for instance a path or one of a few words. */
    TEXT,
    /** A list in brackets. */
    LIST
  }

  /** Checks the bounds. */
  public Parameter {
    checkArgument(min <= max, "min %s is above max %s", min, max);
  }

  /** What values it takes, in words: {@code a whole number of at least 0}. */
  public String range() {
    return switch (type) {
      case INTEGER, NUMBER -> Ranges.describe(this);
      case FLAG -> "true or false";
      case TEXT -> "text";
      case LIST -> "a list in brackets";
    };
  }

  /**
   * A value given in Java, checked as one in a spec is.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public int checked(int value) {
    require(value, value);
    return value;
  }

  /**
   * A value given in Java, checked as one in a spec is.
   *
   * @throws IllegalArgumentException if it is out of range or not a number
   */
  public double checked(double value) {
    require(value, value);
    return value;
  }

  private void require(double value, Number shown) {
    checkArgument(accepts(value), "%s must be %s, found %s", name, Ranges.describe(this), shown);
  }

  /** Whether a number is in the range. */
  boolean accepts(double value) {
    return value >= min && value <= max;
  }

  /** A whole number from {@code min} on, with a default. */
  public static Parameter integer(String name, int defaultValue, int min, String description) {
    return new Parameter(
        name, Type.INTEGER, String.valueOf(defaultValue), min, Integer.MAX_VALUE, description);
  }

  /** A whole number from {@code min} on that may be left out. */
  public static Parameter optionalInteger(String name, int min, String description) {
    return new Parameter(name, Type.INTEGER, null, min, Integer.MAX_VALUE, description);
  }

  /** A real number in a closed range, with a default. */
  public static Parameter number(
      String name, double defaultValue, double min, double max, String description) {
    return new Parameter(name, Type.NUMBER, String.valueOf(defaultValue), min, max, description);
  }

  /** A real number in a closed range that may be left out. */
  public static Parameter optionalNumber(String name, double min, double max, String description) {
    return new Parameter(name, Type.NUMBER, null, min, max, description);
  }

  /** true or false, with a default. */
  public static Parameter flag(String name, boolean defaultValue, String description) {
    return new Parameter(
        name,
        Type.FLAG,
        String.valueOf(defaultValue),
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        description);
  }

  /** true or false that may be left out. */
  public static Parameter optionalFlag(String name, String description) {
    return new Parameter(
        name, Type.FLAG, null, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, description);
  }

  /** A list of numbers in a closed range that may be left out. */
  public static Parameter numbers(String name, double min, double max, String description) {
    return new Parameter(name, Type.LIST, null, min, max, description);
  }

  /** Text with or without a default. */
  public static Parameter text(String name, @Nullable String defaultText, String description) {
    return new Parameter(
        name,
        Type.TEXT,
        defaultText,
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        description);
  }
}
