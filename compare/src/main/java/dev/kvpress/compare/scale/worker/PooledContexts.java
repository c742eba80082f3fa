package dev.kvpress.compare.scale.worker;

import dev.kvpress.compare.journal.JournalText;
import dev.kvpress.compare.run.ContextExecutor;
import dev.kvpress.compare.run.OpenContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Has contexts gone through by worker processes. */
public final class PooledContexts implements ContextExecutor {
  private final WorkerLaunch launch;
  private final Line.Open open;
  private final PoolRules rules;
  private final String schedule;

  /**
   * Prepares; nothing is started yet.
   *
   * @param open what each worker is told first
   * @param schedule digest of all work, which workers must have prepared too
   */
  public PooledContexts(WorkerLaunch launch, Line.Open open, PoolRules rules, String schedule) {
    this.launch = launch;
    this.open = open;
    this.rules = rules;
    this.schedule = schedule;
  }

  @Override
  public void run(List<OpenContext> contexts, Sink sink) {
    if (contexts.isEmpty()) {
      return;
    }
    Intake intake = new Intake(contexts, sink, new WorkerPace(rules.workers(), System::nanoTime));
    new WorkerPool(launch, open, rules, schedule, intake).run(intake.portions(), sink::isStopped);
    if (sink.isStopped() && intake.hasOpen()) {
      throw sink.stop();
    }
    sink.notice(intake.pace.summary());
  }

  /** Carries what workers say to where it belongs. */
  private static final class Intake implements Receiver {
    private final List<OpenContext> contexts;
    private final Sink sink;
    private final WorkerPace pace;

    /** By place in the schedule. */
    private final Map<Integer, OpenContext> byPlace = new HashMap<>();

    /** Of keys that were handed out and not taken yet. */
    private final Map<String, OpenContext> byKey = new HashMap<>();

    Intake(List<OpenContext> contexts, Sink sink, WorkerPace pace) {
      this.contexts = contexts;
      this.sink = sink;
      this.pace = pace;
      contexts.forEach(context -> byPlace.put(context.place(), context));
    }

    List<Portion> portions() {
      return contexts.stream().<Portion>map(Handed::new).toList();
    }

    boolean hasOpen() {
      return contexts.stream().anyMatch(context -> !sink.openKeys(context).isEmpty());
    }

    /** A context as the pool sees it; its keys are known from when it is handed out. */
    private final class Handed implements Portion {
      private final OpenContext context;

      Handed(OpenContext context) {
        this.context = context;
      }

      @Override
      public int context() {
        return context.place();
      }

      @Override
      public List<String> openKeys() {
        List<String> keys = sink.openKeys(context);
        keys.forEach(key -> byKey.put(key, context));
        return keys;
      }
    }

    @Override
    public void take(int worker, Line line) {
      // What cannot be read, or is of no context that was handed out, is not taken: it stays open.
      JournalText.read(line.body()).ifPresent(entry -> take(worker, entry));
    }

    private void take(int worker, JournalText.Entry entry) {
      OpenContext context = byKey.remove(entry.key());
      if (context == null) {
        return;
      }
      pace.count(worker);
      String by = pace.shortly();
      entry.outcome().ifPresent(outcome -> sink.done(context, entry.key(), outcome, by));
      entry.error().ifPresent(error -> sink.failed(context, entry.key(), error, by));
    }

    @Override
    public void finished(Line.Finished context) {
      sink.prefilled(context.prefills());
    }

    @Override
    public void giveUp(Portion portion, String key, String reason) {
      OpenContext context = byPlace.get(portion.context());
      if (context != null) {
        sink.giveUp(context, key, reason);
      }
    }

    @Override
    public void giveUp(Portion portion, String reason) {
      OpenContext context = byPlace.get(portion.context());
      if (context != null) {
        sink.giveUp(context, reason);
      }
    }

    @Override
    public void note(String text) {
      sink.notice(text);
    }
  }
}
