package dev.kvpress.testdata.api;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One of each that can stand in an API. */
public abstract class Sample extends Hidden<String> implements Comparable<Sample> {
  /** A constant. */
  public static final int SIZE = 3;

  private final int secret = SIZE;

  /** For who extends. */
  protected Sample(Map<String, ? extends Number> all) throws IOException {}

  Sample() {}

  /** Generic and nullable. */
  public static <T extends Comparable<T>> @Nullable T first(List<T> of, @Nullable String... names) {
    return null;
  }

  /** For who extends. */
  protected abstract void step();

  void notYours() {}

  @Override
  public int compareTo(Sample other) {
    return secret;
  }

  @Override
  public String toString() {
    return "sample";
  }

  /** Carries. */
  public record Pair<K>(K key, @Nullable String value) {
    /** The same turned round. */
    public static Pair<String> of(String key) {
      return new Pair<>(key, null);
    }

    /** With nothing. */
    public Pair(K key) {
      this(key, null);
    }
  }

  /** Counts. */
  public enum Count {
    /** One. */
    ONE,
    /** Two, with a body. */
    TWO {
      @Override
      public int next() {
        return 3;
      }
    };

    /** The next. */
    public int next() {
      return 2;
    }
  }

  /** Closed. */
  protected sealed interface Closed {
    /** Says something. */
    default String text() {
      return "";
    }

    /** The one. */
    record One() implements Closed {}
  }

  static final class Inner {}
}
