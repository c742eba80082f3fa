package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.runtime.ort.Provider;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Lets a few passes of a model run at once and the others wait. A pass takes memory for its tensors
 * only when it is its turn, so that memory grows with the turns and not with the threads that ask.
 *
 * <p>Who waits gets a turn in the order in which it came. A turn that is given back goes to whoever
 * asks first, which is most often the thread that gave it back, with its next pass; but every
 * {@value #STINT_MILLIS} ms each turn is handed to the thread that has waited longest. So with N
 * threads before it nobody waits longer than for N such stints and the passes that end them, and
 * short passes do not pay for waking another thread each.
 *
 * <p>A thread that holds a turn must not ask for another, nor wait for one that does: probes and
 * trials, which pass tokens of their own, run before a turn is taken.
 */
final class EngineTurns implements AutoCloseable {
  private static final long STINT_MILLIS = 10;

  private final String model;
  private final int most;
  private final long handOverNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Waiter> waiting = new ArrayDeque<>();
  private final Condition allBack = lock.newCondition();
  private int taken;
  private final LongSupplier nanoClock;
  private long lastHandOver;
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
    this(model, most, System::nanoTime);
  }

  EngineTurns(String model, int most, LongSupplier nanoClock) {
    checkArgument(most >= 1, "passes at once must be at least 1, found %s", most);
    this.model = model;
    this.most = most;
    this.nanoClock = nanoClock;
    lastHandOver = nanoClock.getAsLong();
    handOverNanos = TimeUnit.MILLISECONDS.toNanos(STINT_MILLIS) / most;
  }

  /**
   * As many passes at once as pay off: what fills the cores, and two at least, so that one computes
   * what it has to outside the engine while another is in it (docs/adr/0018-many-threads.md). On a
   * GPU one, since each takes memory there; that has not been measured.
   *
   * @param threads within an operator
   * @param cores of the machine
   */
  static int sensible(Provider provider, int threads, int cores) {
    return provider == Provider.CPU ? Math.max(2, cores / threads) : 1;
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
      if (taken < most && (waiting.isEmpty() || !isHandOverDue())) {
        taken++;
      } else {
        waitFor(wanted);
      }
      return this::giveBack;
    } finally {
      lock.unlock();
    }
  }

  private boolean isHandOverDue() {
    return nanoClock.getAsLong() - lastHandOver >= handOverNanos;
  }

  private void waitFor(Runnable wanted) {
    Waiter own = new Waiter(lock.newCondition());
    waiting.addLast(own);
    try {
      while (!own.hasTurn) {
        requireOpen();
        wanted.run();
        if (taken < most && own.equals(waiting.peekFirst())) {
          taken++;
          handTo(own);
        } else {
          own.news.await();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (!own.hasTurn) {
        throw interrupted(model, "its turn in the engine", e);
      }
    } finally {
      waiting.remove(own);
      // Who was told of a free turn may have left without it, or there may be another.
      if (taken < most) {
        tellFirst();
      }
    }
  }

  private void handTo(Waiter waiter) {
    waiter.hasTurn = true;
    lastHandOver = nanoClock.getAsLong();
  }

  private void tellFirst() {
    Waiter first = waiting.peekFirst();
    if (first != null) {
      first.news.signal();
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
      if (!closed && !waiting.isEmpty() && isHandOverDue()) {
        Waiter longest = waiting.removeFirst();
        handTo(longest);
        longest.news.signal();
        return;
      }
      taken--;
      tellFirst();
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
