package dev.kvpress.runtime.decode;

import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time into a context. Closing alone may come from any thread at any time: it
 * is noted at once, which a call that runs sees between its passes, and carried out when that call
 * is over.
 */
final class ContextGuard {
  private final EngineTurns turns;
  private final Runnable release;
  private final Use use = this::leave;
  private @Nullable Thread owner;
  private String running = "";
  private int depth;
  private boolean ownerReleases;

  /** Name of the thread that has closed the context. */
  private volatile @Nullable String closedBy;

  /** A call that is in the context until it is closed. */
  interface Use extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Guards one context.
   *
   * @param turns of its model, in whose queue a call may stand when the context is closed
   * @param release gives the memory of the context back; is run once
   */
  ContextGuard(EngineTurns turns, Runnable release) {
    this.turns = turns;
    this.release = release;
  }

  /**
   * Begins a call. A call may make others, on the same thread.
   *
   * @param call what is called, for errors
   * @throws IllegalStateException if another thread's call runs
   */
  synchronized Use enter(String call) {
    Thread current = Thread.currentThread();
    if (owner != null && owner != current) {
      throw new IllegalStateException(
          "a context is for one thread at a time: thread %s calls %s while %s of thread %s runs; give each thread a context of its own (Context.fork, made before), or wait for the other call"
              .formatted(current.getName(), call, running, owner.getName()));
    }
    if (depth == 0) {
      owner = current;
      running = call;
    }
    depth++;
    return use;
  }

  /**
   * Begins a call that needs the cache.
   *
   * @throws IllegalStateException if another thread's call runs, or the context is closed
   */
  synchronized Use enterOpen(String call) {
    Use entered = enter(call);
    if (closedBy != null) {
      leave();
      throw new IllegalStateException(
          "the context is closed (by thread %s), %s cannot go on; start another one"
              .formatted(closedBy, call));
    }
    return entered;
  }

  private synchronized void leave() {
    depth--;
    if (depth > 0) {
      return;
    }
    owner = null;
    notifyAll();
    if (ownerReleases) {
      ownerReleases = false;
      release.run();
    }
  }

  /**
   * Ends a call that runs if the context was closed meanwhile. Takes no lock.
   *
   * @throws IllegalStateException saying so
   */
  void requireWanted() {
    String by = closedBy;
    if (by != null) {
      throw new IllegalStateException(
          "the context was closed by thread %s while %s was running".formatted(by, running));
    }
  }

  /**
   * Closes the context: waits for a call that runs, then releases the memory. A call that closes
   * its own context ends first. Closing twice does nothing more.
   */
  void close() {
    synchronized (this) {
      if (closedBy != null) {
        return;
      }
      closedBy = Thread.currentThread().getName();
      if (owner == Thread.currentThread()) {
        ownerReleases = true;
        return;
      }
      if (owner == null) {
        release.run();
        return;
      }
    }
    // Without this guard's lock: whoever stands in the queue asks for what it guards.
    turns.askAgain();
    awaitOwner();
    release.run();
  }

  private synchronized void awaitOwner() {
    boolean interrupted = false;
    while (owner != null) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
