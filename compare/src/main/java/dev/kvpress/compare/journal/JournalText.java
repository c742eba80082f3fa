package dev.kvpress.compare.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.WorkLog.Unit;
import java.util.Optional;

/** Lines of a journal as text, for processes that have none of their own. */
public final class JournalText {
  private JournalText() {}

  /**
   * What a line says.
   *
   * @param key of the work's content
   * @param outcome empty if it failed
   * @param error why it failed; empty if it went through
   */
  public record Entry(String key, Optional<SampleOutcome> outcome, Optional<String> error) {}

  /** The line of a result, without an end. */
  public static String of(Unit unit, SampleOutcome outcome) {
    return JournalLine.of(unit, outcome).toText();
  }

  /** The line of an error, without an end. */
  public static String of(Unit unit, String error) {
    return JournalLine.of(unit, error).toText();
  }

  /** What a text says; empty if it is no line of a journal of this version. */
  public static Optional<Entry> read(String text) {
    return JournalLine.parse(text.getBytes(UTF_8)).flatMap(JournalText::entry);
  }

  private static Optional<Entry> entry(JournalLine line) {
    try {
      Optional<SampleOutcome> outcome = line.toOutcome();
      return Optional.of(
          new Entry(
              line.key(),
              outcome,
              outcome.isPresent() ? Optional.empty() : Optional.of(line.reason())));
    } catch (RuntimeException e) {
      // Well-formed, yet of parts that make no outcome.
      return Optional.empty();
    }
  }
}
