package dev.kvpress.compare.run;

import dev.kvpress.runtime.Remark;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Keeps account of a run: what is done goes into the log, and how far it is to the user. */
final class RunLedger implements ContextExecutor.Sink {
  private final WorkLog log;
  private final Progress progress;
  private final BooleanSupplier stopped;
  private final Failures failures = new Failures();
  private final Set<String> said = new LinkedHashSet<>();
  private int total;
  private int done;
  private int prefills;

  RunLedger(WorkLog log, Progress progress, BooleanSupplier stopped) {
    this.log = log;
    this.progress = progress;
    this.stopped = stopped;
  }

  /**
   * Says how much there is.
   *
   * @param done by earlier runs
   */
  void begin(int done, int total) {
    this.done = done;
    this.total = total;
  }

  int prefills() {
    return prefills;
  }

  /** Says remarks when they first come. */
  void say(List<Remark> remarks) {
    remarks.stream().map(Remark::text).filter(said::add).forEach(progress::notice);
  }

  /** Whether a piece of work stands behind a failure of its cell, and need not be done. */
  boolean isBehindFailure(Todo todo) {
    return failures.standBefore(
        todo.asking().task(), todo.cell(), todo.context(), todo.asking().probe().sample());
  }

  @Override
  public List<String> openKeys(OpenContext context) {
    return context.open().filter(todo -> !isBehindFailure(todo)).map(Todo::key).toList();
  }

  @Override
  public void done(OpenContext context, String key, SampleOutcome outcome, String by) {
    context
        .settle(key)
        .ifPresent(
            todo -> {
              say(outcome.remarks());
              log.done(todo.unit(), outcome);
              step(todo, by);
            });
  }

  @Override
  public void failed(OpenContext context, String key, String error, String by) {
    context.settle(key).ifPresent(todo -> failed(todo, error, by));
  }

  private void failed(Todo todo, String error, String by) {
    WorkLog.Unit unit = todo.unit();
    failures.add(todo.asking().task(), todo.cell(), todo.context(), unit.sample());
    log.failed(unit, error);
    step(todo, by);
  }

  /** Work behind a failure counts as done: nobody will do it. */
  void skip(OpenContext context, Todo todo) {
    context.settle(todo.key()).ifPresent(own -> step(own, ""));
  }

  /** A piece of work is under way. */
  void begin(Todo todo) {
    log.begun(todo.unit());
  }

  @Override
  public void giveUp(OpenContext context, String key, String reason) {
    context
        .settle(key)
        .ifPresent(
            todo -> failed(todo, Failures.describe(todo.asking().probe().sample(), reason), ""));
  }

  @Override
  public void giveUp(OpenContext context, String reason) {
    for (Todo todo : context.open().toList()) {
      if (isBehindFailure(todo)) {
        skip(context, todo);
      } else {
        giveUp(context, todo.key(), reason);
      }
    }
  }

  @Override
  public void prefilled(int more) {
    prefills += more;
  }

  private void step(Todo todo, String by) {
    WorkLog.Unit unit = todo.unit();
    String what = unit.task() + " " + unit.sample() + " " + unit.cell();
    progress.step(++done, total, by.isEmpty() ? what : by + ": " + what);
  }

  @Override
  public boolean isStopped() {
    return stopped.getAsBoolean();
  }

  @Override
  public StoppedException stop() {
    return new StoppedException(done, total);
  }

  @Override
  public void notice(String text) {
    progress.notice(text);
  }
}
