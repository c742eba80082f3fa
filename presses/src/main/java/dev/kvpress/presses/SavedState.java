package dev.kvpress.presses;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named numbers that something remembers, as they go to a file and come back. Arrays are taken as
 * they are, not copied; whoever hands them over changes them no more.
 *
 * <p>Not for use by many threads while it is being filled.
 */
public final class SavedState {
  private final String kind;
  private final Map<String, Long> integers = new LinkedHashMap<>();
  private final Map<String, int[]> ints = new LinkedHashMap<>();
  private final Map<String, float[]> floats = new LinkedHashMap<>();
  private final Map<String, double[]> doubles = new LinkedHashMap<>();
  private final Map<String, SavedState> parts = new LinkedHashMap<>();

  /**
   * Nothing yet.
   *
   * @param kind what remembers, so that it is not taken for something else
   */
  public SavedState(String kind) {
    this.kind = kind;
  }

  /** What remembers. */
  public String kind() {
    return kind;
  }

  /** Adds a whole number. */
  public SavedState with(String name, long value) {
    integers.put(name, value);
    return this;
  }

  /** Adds whole numbers. */
  public SavedState with(String name, int[] values) {
    ints.put(name, values);
    return this;
  }

  /** Adds numbers. */
  public SavedState with(String name, float[] values) {
    floats.put(name, values);
    return this;
  }

  /** Adds numbers. */
  public SavedState with(String name, double[] values) {
    doubles.put(name, values);
    return this;
  }

  /** Adds what something within it remembers. */
  public SavedState with(String name, SavedState part) {
    parts.put(name, part);
    return this;
  }

  /** Whole numbers by name; a view. */
  public Map<String, Long> integers() {
    return integers;
  }

  /** Rows of whole numbers by name; a view. */
  public Map<String, int[]> ints() {
    return ints;
  }

  /** Rows of numbers by name; a view. */
  public Map<String, float[]> floats() {
    return floats;
  }

  /** Rows of numbers by name; a view. */
  public Map<String, double[]> doubles() {
    return doubles;
  }

  /** Parts by name; a view. */
  public Map<String, SavedState> parts() {
    return parts;
  }

  /**
   * A whole number that must be there.
   *
   * @throws IllegalArgumentException if it is not, or outside of a range
   */
  public int integer(String name, int least, int most) {
    Long value = integers.get(name);
    if (value == null || value < least || value > most) {
      throw new IllegalArgumentException(
          "%s: %s must be in [%d, %d], found %s".formatted(kind, name, least, most, value));
    }
    return value.intValue();
  }

  /** Whole numbers that must be there, as many as are expected. */
  public int[] ints(String name, long count) {
    int[] values = ints.get(name);
    requireCount(name, values == null ? -1 : values.length, count);
    return values == null ? new int[0] : values;
  }

  /** Numbers that must be there, as many as are expected. */
  public float[] floats(String name, long count) {
    float[] values = floats.get(name);
    requireCount(name, values == null ? -1 : values.length, count);
    return values == null ? new float[0] : values;
  }

  /** Numbers that must be there, as many as are expected. */
  public double[] doubles(String name, long count) {
    double[] values = doubles.get(name);
    requireCount(name, values == null ? -1 : values.length, count);
    return values == null ? new double[0] : values;
  }

  /** A part that must be there. */
  public SavedState part(String name) {
    SavedState part = parts.get(name);
    if (part == null) {
      throw new IllegalArgumentException("%s: %s is missing".formatted(kind, name));
    }
    return part;
  }

  private void requireCount(String name, int found, long expected) {
    if (found != expected) {
      throw new IllegalArgumentException(
          "%s: %s must be %d numbers, found %s"
              .formatted(kind, name, expected, found < 0 ? "none" : String.valueOf(found)));
    }
  }

  /**
   * Refuses what is of another kind, or holds anything that nobody has asked for.
   *
   * @param names of everything that belongs into it
   */
  public void require(String expectedKind, String... names) {
    if (!kind.equals(expectedKind)) {
      throw new IllegalArgumentException(
          "expected the state of %s, found that of %s".formatted(expectedKind, kind));
    }
    for (Map<String, ?> all : Arrays.asList(integers, ints, floats, doubles, parts)) {
      for (String name : all.keySet()) {
        if (!Arrays.asList(names).contains(name)) {
          throw new IllegalArgumentException("%s: unknown %s".formatted(kind, name));
        }
      }
    }
  }

  /** Rows of different length as one. */
  public static double[] joined(double[][] rows) {
    int total = 0;
    for (double[] row : rows) {
      total = Math.addExact(total, row.length);
    }
    double[] all = new double[total];
    int at = 0;
    for (double[] row : rows) {
      System.arraycopy(row, 0, all, at, row.length);
      at += row.length;
    }
    return all;
  }

  /** Rows of different length as one. */
  public static float[] joined(float[][] rows) {
    int total = 0;
    for (float[] row : rows) {
      total = Math.addExact(total, row.length);
    }
    float[] all = new float[total];
    int at = 0;
    for (float[] row : rows) {
      System.arraycopy(row, 0, all, at, row.length);
      at += row.length;
    }
    return all;
  }

  /** Rows of different length as one. */
  public static int[] joined(int[][] rows) {
    int total = 0;
    for (int[] row : rows) {
      total = Math.addExact(total, row.length);
    }
    int[] all = new int[total];
    int at = 0;
    for (int[] row : rows) {
      System.arraycopy(row, 0, all, at, row.length);
      at += row.length;
    }
    return all;
  }

  /** How long rows are. */
  public static int[] lengths(double[][] rows) {
    return Arrays.stream(rows).mapToInt(row -> row.length).toArray();
  }

  /** How long rows are. */
  public static int[] lengths(float[][] rows) {
    return Arrays.stream(rows).mapToInt(row -> row.length).toArray();
  }

  /** How long rows are. */
  public static int[] lengths(int[][] rows) {
    return Arrays.stream(rows).mapToInt(row -> row.length).toArray();
  }

  /**
   * Rows parted again.
   *
   * @param most how long a row may be
   */
  public double[][] doubleRows(String name, int[] lengths, int most) {
    double[] all = doubles(name, sum(name, lengths, most));
    double[][] rows = new double[lengths.length][];
    int at = 0;
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(all, at, at + lengths[i]);
      at += lengths[i];
    }
    return rows;
  }

  /** The same for floats. */
  public float[][] floatRows(String name, int[] lengths, int most) {
    float[] all = floats(name, sum(name, lengths, most));
    float[][] rows = new float[lengths.length][];
    int at = 0;
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(all, at, at + lengths[i]);
      at += lengths[i];
    }
    return rows;
  }

  private long sum(String name, int[] lengths, int most) {
    long sum = 0;
    for (int length : lengths) {
      if (length < 0 || length > most) {
        throw new IllegalArgumentException(
            "%s: a row of %s must have 0 to %d numbers, found %d"
                .formatted(kind, name, most, length));
      }
      sum += length;
    }
    return sum;
  }
}
