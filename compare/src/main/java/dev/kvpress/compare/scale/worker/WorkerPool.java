package dev.kvpress.compare.scale.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that go through contexts. One thread hands out and takes in, so that nothing here is
 * shared; each process has threads of its own that only carry lines.
 *
 * <p>A context goes to whoever has room, in the order of the schedule. A worker that dies is
 * started again and its context tried once more; if that one dies too, the piece of work that was
 * under way is given up, and after a few of them in a row all that is left of the context. A worker
 * that dies twice in a row before it was ready ends everything: the next one would too.
 */
public final class WorkerPool {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

  // A few passes; Ctrl-C is to end within seconds.
  private static final Duration PATIENCE = Duration.ofSeconds(8);
  private static final long LOOK_MILLIS = 100;
  private static final int MOST_EARLY_DEATHS = 2;

  // A press at some ratios; more in a row are the fault of the context.
  private static final int MOST_IN_ROW = 4;
  private static final int MOST_EVENTS = 1024;

  private final WorkerLaunch launch;
  private final Line.Open open;
  private final PoolRules rules;
  private final String schedule;
  private final Receiver receiver;

  // Bounded: results that cannot be written yet are to wait in the processes.
  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(MOST_EVENTS);
  private final Deque<Portion> queue = new ArrayDeque<>();
  private final Map<Integer, Tries> tries = new HashMap<>();
  private final List<WorkerSlot> slots = new ArrayList<>();
  private volatile boolean closed;

  /**
   * What became of a context so far, where not all went well.
   *
   * @param open pieces that were open at the last death
   * @param inRow pieces that were given up one after the other, with none done between
   */
  private record Tries(int open, int inRow) {}

  /** A line of a process, or null for its end. */
  private record Event(WorkerProcess from, @Nullable Line line) {}

  /**
   * Prepares; nothing is started yet.
   *
   * @param open what each worker is told first
   * @param schedule digest that workers must have come to as well
   */
  public WorkerPool(
      WorkerLaunch launch, Line.Open open, PoolRules rules, String schedule, Receiver receiver) {
    this.launch = launch;
    this.open = open;
    this.rules = rules;
    this.schedule = schedule;
    this.receiver = receiver;
  }

  /**
   * Goes through contexts. Returns when each is through or given up, or when told to stop and the
   * workers have ended.
   *
   * @param stopped is asked often
   * @throws WorkerException if workers cannot be started, or have prepared other work
   */
  public void run(List<? extends Portion> portions, BooleanSupplier stopped) {
    queue.addAll(portions);
    try {
      for (int w = 0; w < Math.min(rules.workers(), portions.size()); w++) {
        WorkerSlot slot = new WorkerSlot(w);
        slots.add(slot);
        start(slot);
      }
      while (!stopped.getAsBoolean() && isUnderWay()) {
        Event event = events.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (event != null) {
          handle(event, false);
        }
      }
      end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerException("interrupted while workers were running");
    } finally {
      closed = true;
      slots.stream()
          .filter(WorkerSlot::isRunning)
          .map(WorkerSlot::process)
          .forEach(WorkerProcess::kill);
    }
  }

  /** How often workers had to be started again. */
  public int restarts() {
    return slots.stream().mapToInt(WorkerSlot::restarts).sum();
  }

  private boolean isUnderWay() {
    return !queue.isEmpty() || slots.stream().anyMatch(WorkerSlot::hasWork);
  }

  private void start(WorkerSlot slot) {
    slot.start(
        launch,
        open,
        new WorkerProcess.Listener() {
          @Override
          public void said(WorkerProcess from, Line line) throws InterruptedException {
            put(new Event(from, line));
          }

          @Override
          public void ended(WorkerProcess from) throws InterruptedException {
            put(new Event(from, null));
          }
        });
  }

  /** Waits for room as long as anybody takes events. */
  private void put(Event event) throws InterruptedException {
    while (!closed && !events.offer(event, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      LOG.trace("{} waits", event.from().worker());
    }
  }

  private void handle(Event event, boolean ending) {
    WorkerSlot slot = slots.get(event.from().worker());
    if (!slot.isOf(event.from())) {
      return;
    }
    Line line = event.line();
    if (line == null) {
      ended(slot, event.from(), ending);
    } else {
      said(slot, line);
    }
    if (!ending) {
      handOut();
    }
  }

  private void said(WorkerSlot slot, Line line) {
    switch (line.word()) {
      case Line.READY -> {
        requireSame(slot, line.content(Line.Ready.class).map(Line.Ready::schedule).orElse(""));
        slot.setReady();
      }
      case Line.BEGUN ->
          line.content(Line.Begun.class).map(Line.Begun::key).ifPresent(slot::setBegun);
      case Line.DONE, Line.FAILED -> receiver.take(slot.worker(), line);
      case Line.NOTE ->
          line.content(Line.Said.class).map(Line.Said::message).ifPresent(receiver::note);
      case Line.FINISHED ->
          line.content(Line.Finished.class).ifPresent(context -> finished(slot, context));
      case Line.LOST ->
          line.content(Line.Lost.class)
              .ifPresent(
                  lost ->
                      slot.takeBack(lost.context())
                          .ifPresent(portion -> receiver.giveUp(portion, lost.message())));
      case Line.FAULT ->
          slot.setFault(
              line.content(Line.Said.class).map(Line.Said::message).orElse("an unreadable fault"));
      default -> LOG.debug("{} says something unknown: {}", slot.name(), line.word());
    }
  }

  private void requireSame(WorkerSlot slot, String theirs) {
    if (!theirs.equals(schedule)) {
      throw new WorkerException(
          "%s has prepared other work than this process (%s, expected %s): model, data or program were changed meanwhile, or differ there; start again"
              .formatted(slot.name(), theirs, schedule));
    }
  }

  private void finished(WorkerSlot slot, Line.Finished context) {
    slot.takeBack(context.context())
        .ifPresent(
            portion -> {
              slot.setFinishedSomething();
              receiver.finished(context);
              int missing = portion.openKeys().size();
              if (missing > 0) {
                // As when other code prints into the middle of a message.
                tryAgain(
                    portion,
                    Optional.empty(),
                    "%s gave no answer to %d pieces".formatted(slot.name(), missing));
              }
            });
  }

  private void ended(WorkerSlot slot, WorkerProcess process, boolean ending) {
    List<Portion> left = slot.end();
    if (ending) {
      return;
    }
    String reason = slot.reason(process);
    if (slot.hasFault() && (rules.sharedFate() || slot.earlyDeaths() > 0)) {
      // It has said itself that another try is of no use.
      throw new WorkerException(reason);
    }
    if (slot.earlyDeaths() >= MOST_EARLY_DEATHS) {
      throw new WorkerException(
          "%s ended twice before it was ready (%s)".formatted(slot.name(), reason));
    }
    if (rules.sharedFate() && slot.earlyDeaths() == 0 && !slot.hasFinishedSomething()) {
      throw new WorkerException(
          "%s ended before anything was finished (%s)".formatted(slot.name(), reason));
    }
    for (int i = left.size() - 1; i >= 0; i--) {
      if (rules.sharedFate()) {
        queue.addFirst(left.get(i));
      } else {
        tryAgain(left.get(i), slot.begun(), "%s ended (%s)".formatted(slot.name(), reason));
      }
    }
    if (isUnderWay()) {
      receiver.note("%s ended (%s) and is started again".formatted(slot.name(), reason));
      start(slot);
    }
  }

  /**
   * A context is tried twice: what kills two workers would kill the third.
   *
   * @param underWay the piece that it may be laid to
   */
  private void tryAgain(Portion portion, Optional<String> underWay, String reason) {
    List<String> keys = portion.openKeys();
    if (keys.isEmpty()) {
      return;
    }
    Tries before = tries.get(portion.context());
    int inRow = 0;
    if (before != null) {
      String why = reason + "; it was the second try";
      inRow = before.open() == keys.size() ? before.inRow() + 1 : 1;
      Optional<String> guilty = underWay.filter(keys::contains);
      if (guilty.isEmpty() || inRow > MOST_IN_ROW) {
        receiver.giveUp(portion, why + ", so this context is left");
        return;
      }
      receiver.giveUp(portion, guilty.get(), why);
    }
    int open = portion.openKeys().size();
    if (open > 0) {
      tries.put(portion.context(), new Tries(open, inRow));
      queue.addFirst(portion);
    }
  }

  private void handOut() {
    for (WorkerSlot slot : slots) {
      while (slot.hasRoom(rules.window()) && !queue.isEmpty()) {
        Portion portion = queue.removeFirst();
        List<String> keys = portion.openKeys();
        if (!keys.isEmpty()) {
          slot.give(portion, keys);
        }
      }
    }
  }

  /** Lets workers finish the piece under way and takes what they still say. */
  private void end() throws InterruptedException {
    slots.stream()
        .filter(WorkerSlot::isRunning)
        .forEach(slot -> slot.process().send(Line.of(Line.END, Map.of())));
    long start = System.nanoTime();
    while (slots.stream().anyMatch(WorkerSlot::isRunning)
        && System.nanoTime() - start < PATIENCE.toNanos()) {
      Event event = events.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      if (event != null) {
        handle(event, true);
      }
    }
  }
}
