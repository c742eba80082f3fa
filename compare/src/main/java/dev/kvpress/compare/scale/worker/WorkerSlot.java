package dev.kvpress.compare.scale.worker;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The place of one worker: a process, or the one that followed it, and what it has to do. */
final class WorkerSlot {
  private final int worker;
  private final Map<Integer, Portion> outstanding = new LinkedHashMap<>();
  private @Nullable WorkerProcess process;
  private @Nullable String fault;
  private @Nullable String begun;
  private boolean ready;
  private boolean finishedSomething;
  private int starts;
  private int earlyDeaths;

  WorkerSlot(int worker) {
    this.worker = worker;
  }

  int worker() {
    return worker;
  }

  /** For people, who count from 1. */
  String name() {
    return "worker " + (worker + 1);
  }

  void start(WorkerLaunch launch, Line.Open open, WorkerProcess.Listener listener) {
    ready = false;
    finishedSomething = false;
    fault = null;
    begun = null;
    starts++;
    WorkerProcess started = WorkerProcess.start(launch, worker, listener);
    started.send(Line.of(Line.OPEN, open));
    process = started;
  }

  /** Whether a message comes from the process that is here now. */
  boolean isOf(WorkerProcess from) {
    return from == process;
  }

  WorkerProcess process() {
    return requireNonNull(process, "no process was started");
  }

  boolean isRunning() {
    return process != null;
  }

  void setReady() {
    ready = true;
    earlyDeaths = 0;
  }

  void setBegun(String key) {
    begun = key;
  }

  /** The piece that it began last; empty if none. */
  Optional<String> begun() {
    return Optional.ofNullable(begun);
  }

  void setFault(String message) {
    fault = message;
  }

  /** Whether it has said that it cannot go on. */
  boolean hasFault() {
    return fault != null;
  }

  /** Whether one more context may be handed to it. */
  boolean hasRoom(int window) {
    return process != null && ready && outstanding.size() < window;
  }

  void give(Portion portion, List<String> keys) {
    outstanding.put(portion.context(), portion);
    process().send(Line.of(Line.RUN, new Line.Run(portion.context(), keys)));
  }

  /** Takes a context back; empty if it was not given. */
  Optional<Portion> takeBack(int context) {
    return Optional.ofNullable(outstanding.remove(context));
  }

  void setFinishedSomething() {
    finishedSomething = true;
  }

  boolean hasFinishedSomething() {
    return finishedSomething;
  }

  boolean hasWork() {
    return !outstanding.isEmpty();
  }

  /** The process has ended; what it had is handed back. */
  List<Portion> end() {
    List<Portion> left = List.copyOf(outstanding.values());
    outstanding.clear();
    if (!ready) {
      earlyDeaths++;
    }
    process = null;
    return left;
  }

  /** How often in a row it ended before it was ready. */
  int earlyDeaths() {
    return earlyDeaths;
  }

  int restarts() {
    return Math.max(0, starts - 1);
  }

  /** Why it ended, in words. */
  String reason(WorkerProcess ended) {
    String words = ended.lastWords();
    return fault == null
        ? ended.end() + (words.isEmpty() ? "" : "; its last words: " + words)
        : fault;
  }
}
