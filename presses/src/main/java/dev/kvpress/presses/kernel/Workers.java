package dev.kvpress.presses.kernel;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the work on layers and heads. The thread that asks takes part, so that work is
 * done even where all helpers are busy, and work may be split again inside. No thread begins
 * another piece before its own is finished, so no more pieces are in memory than there are threads.
 *
 * <p>Nothing depends on the number of threads: pieces are handed out in order, and of several that
 * fail the first in order is reported, as in a loop. Safe for many threads: whoever asks does its
 * own work, and helpers go to those that asked first. So with N threads that ask, N pieces and as
 * many as there are helpers are at work at most, and what waits for helpers is gone when its asker
 * is done.
 */
public final class Workers implements AutoCloseable {
  /** The thread that asks, alone. */
  public static final Workers CALLER = new Workers(1);

  private static final int IDLE_SECONDS = 10;

  private final int threads;
  private final @Nullable ThreadPoolExecutor helpers;

  private Workers(int threads) {
    checkArgument(threads >= 1, "threads must be at least 1, found %s", threads);
    this.threads = threads;
    helpers = threads == 1 ? null : pool(threads - 1);
  }

  /**
   * Some threads, that of the caller counted.
   *
   * @param threads at least 1
   */
  public static Workers of(int threads) {
    return new Workers(threads);
  }

  private static ThreadPoolExecutor pool(int helpers) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            helpers,
            helpers,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "kvpress-press");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Number of threads, that of the caller counted. */
  public int threads() {
    return threads;
  }

  /** One piece of work. */
  public interface Piece {
    /** Does the piece of this number. */
    void run(int index);
  }

  /** Does the pieces {@code 0..count}, and returns when all are done. */
  public void forEach(int count, Piece piece) {
    int invited = Math.min(threads, count) - 1;
    if (invited < 1 || helpers == null) {
      for (int i = 0; i < count; i++) {
        piece.run(i);
      }
      return;
    }
    SharedLoop loop = new SharedLoop(count, piece);
    List<Runnable> invitations = new ArrayList<>(invited);
    for (int i = 0; i < invited; i++) {
      Runnable invitation = loop::takePart;
      if (accepted(helpers, invitation)) {
        invitations.add(invitation);
      }
    }
    loop.takePart();
    // What nobody has taken up must not hold on to the work.
    invitations.forEach(helpers::remove);
    loop.await();
  }

  private static boolean accepted(ThreadPoolExecutor helpers, Runnable invitation) {
    try {
      helpers.execute(invitation);
      return true;
    } catch (RejectedExecutionException e) {
      // Closed; the caller does it alone.
      return false;
    }
  }

  /** The results of the pieces {@code 0..count}, in order. */
  public <T> List<T> map(int count, IntFunction<T> piece) {
    Object[] results = new Object[count];
    forEach(count, i -> results[i] = piece.apply(i));
    @SuppressWarnings("unchecked") // Nothing else is put in.
    List<T> typed = (List<T>) Arrays.asList(results);
    return typed;
  }

  /** Lets the threads go. Whoever still asks works alone. */
  @Override
  public void close() {
    if (helpers != null) {
      helpers.shutdown();
    }
  }
}
