package dev.kvpress.compare.metric.official;

import java.util.function.UnaryOperator;

/**
 * How much of what a model wrote counts. Base models go on with a further question behind their
 * answer; benchmarks that are asked so cut there.
 *
 * @param note behind the measure's name, for people; may be empty
 * @param cut gives the part
 */
public record Part(String note, UnaryOperator<String> cut) {
  /** Everything. */
  public static final Part ALL = new Part("", written -> written);

  /** The first line, line ends before it aside; LongBench takes no more of some data sets. */
  public static final Part FIRST_LINE = new Part(", first line", LongBenchScore::firstLine);

  /** What stands before a text; lm-evaluation-harness stops writing there. */
  public static Part upTo(String mark) {
    return new Part(
        ", up to \"" + mark + "\"",
        written -> {
          int at = written.indexOf(mark);
          return at < 0 ? written : written.substring(0, at);
        });
  }

  /** The part of a text that counts. */
  public String of(String written) {
    return cut.apply(written);
  }
}
