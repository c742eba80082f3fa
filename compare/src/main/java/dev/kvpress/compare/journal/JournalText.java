package dev.kvpress.compare.journal;

import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.WorkLog.Unit;

/** Lines of a journal as texts, for whoever hands them on before they are written. */
public final class JournalText {
  private JournalText() {}

  /** The line of a result, without the line's end. */
  public static String of(Unit unit, SampleOutcome outcome) {
    return JournalLine.of(unit, outcome).toJson();
  }

  /** The line of an error, without the line's end. */
  public static String of(Unit unit, String error) {
    return JournalLine.of(unit, error).toJson();
  }
}
