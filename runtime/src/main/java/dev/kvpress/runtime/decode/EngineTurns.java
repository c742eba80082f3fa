package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.runtime.ort.Provider;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets a few passes of a model run at once and the others wait, first come, first served. A pass
 * takes memory for its tensors only when it is its turn, so that memory grows with the turns and
 * not with the threads that ask.
 *
 * <p>A thread that holds a turn must not ask for another, nor wait for one that does: probes and
 * trials, which pass tokens of their own, run before a turn is taken.
 */
final class EngineTurns implements AutoCloseable {
  private final String model;
  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Waiter> waiting = new ArrayDeque<>();
  private final Condition allBack = lock.newCondition();
  private int taken;
  private boolean closed;

  private static final class Waiter {
    private final Condition news;
    private boolean hasTurn;

    private Waiter(Condition news) {
      this.news = news;
    }
  }

  /** The right to run one pass; closing gives it to the next. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Some turns.
   *
   * @param model its name, for errors
   * @param most passes at once, at least 1
   */
  EngineTurns(String model, int most) {
    checkArgument(most >= 1, "passes at once must be at least 1, found %s", most);
    this.model = model;
    this.most = most;
  }

  /**
   * As many passes at once as pay off (docs/adr/0018-many-threads.md).
   *
   * @param threads within an operator
   */
  static int sensible(Provider provider, int threads) {
    return provider == Provider.CPU ? threads : 1;
  }

  /**
   * Waits for a turn.
   *
   * @param wanted throws once nobody wants the pass any more; asked while waiting
   * @throws IllegalStateException if the model is closed
   * @throws CancellationException if the thread is interrupted while it waits, which it then still
   *     is
   */
  Turn take(Runnable wanted) {
    lock.lock();
    try {
      requireOpen();
      if (taken < most && waiting.isEmpty()) {
        taken++;
      } else {
        waitFor(wanted);
      }
      return this::giveBack;
    } finally {
      lock.unlock();
    }
  }

  private void waitFor(Runnable wanted) {
    Waiter own = new Waiter(lock.newCondition());
    waiting.addLast(own);
    try {
      while (!own.hasTurn) {
        requireOpen();
        wanted.run();
        own.news.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (!own.hasTurn) {
        throw interrupted(model, "its turn in the engine", e);
      }
    } finally {
      waiting.remove(own);
    }
  }

  /** What a call ends with whose thread was interrupted while it waited. */
  static CancellationException interrupted(
      String model, String awaited, InterruptedException cause) {
    CancellationException failure =
        new CancellationException(
            "thread %s was interrupted while a pass of model %s waited for %s; the pass has not begun"
                .formatted(Thread.currentThread().getName(), model, awaited));
    failure.initCause(cause);
    return failure;
  }

  private void requireOpen() {
    checkState(!closed, "model %s is closed", model);
  }

  private void giveBack() {
    lock.lock();
    try {
      Waiter next = closed ? null : waiting.pollFirst();
      if (next != null) {
        next.hasTurn = true;
        next.news.signal();
        return;
      }
      taken--;
      if (taken == 0) {
        allBack.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets all that wait ask whether their pass is still wanted. */
  void askAgain() {
    lock.lock();
    try {
      waiting.forEach(waiter -> waiter.news.signal());
    } finally {
      lock.unlock();
    }
  }

  /** Passes that run now. */
  int running() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Threads that wait now. */
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Gives no more turns and waits until those that were given are back. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      waiting.forEach(waiter -> waiter.news.signal());
      while (taken > 0) {
        allBack.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
