package dev.kvpress.compare.scale.worker;

import dev.kvpress.compare.journal.JournalText;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.WorkLog;
import java.util.Optional;

/** The journal of a process that writes none: what is done goes to whoever gave the work. */
public final class WireLog implements WorkLog {
  private final WorkerLoop loop;

  /** Over the messages of a worker. */
  public WireLog(WorkerLoop loop) {
    this.loop = loop;
  }

  @Override
  public boolean isDone(String key) {
    return false;
  }

  @Override
  public Optional<Entry> entry(String key) {
    return Optional.empty();
  }

  @Override
  public boolean hasAnother(Unit unit) {
    return false;
  }

  @Override
  public void begun(Unit unit) {
    loop.say(Line.of(Line.BEGUN, new Line.Begun(unit.key())));
  }

  @Override
  public void done(Unit unit, SampleOutcome outcome) {
    loop.say(new Line(Line.DONE, JournalText.of(unit, outcome)));
  }

  @Override
  public void failed(Unit unit, String error) {
    loop.say(new Line(Line.FAILED, JournalText.of(unit, error)));
  }
}
