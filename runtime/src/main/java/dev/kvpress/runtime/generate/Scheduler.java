package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.kvpress.runtime.decode.Batch;
import dev.kvpress.runtime.decode.BatchOptions;
import dev.kvpress.runtime.decode.DecoderModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that does all work of a generator: it drives the batch, and between two of its steps
 * it lets one piece of other work pass. The thread begins with the first job, sleeps where there is
 * none, and ends when the scheduler is closed.
 */
final class Scheduler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

  private final String name;
  private final GeneratorOptions how;
  private final Batch batch;
  private final Runnable atEnd;
  private final Object lock = new Object();
  private final Deque<Job> waiting = new ArrayDeque<>();
  private final List<Job> running = new ArrayList<>();
  private @Nullable Thread driver;
  private boolean closed;
  private int next;
  private volatile long cacheBytes;

  /**
   * A scheduler without work.
   *
   * @param atEnd is run once when it is closed and all work has ended
   */
  Scheduler(DecoderModel model, GeneratorOptions how, Runnable atEnd) {
    this.name = model.info().name();
    this.how = how;
    this.atEnd = atEnd;
    batch =
        Batch.over(model, new BatchOptions(how.mostRunning(), how.chunkSize(), how.cacheBytes()));
  }

  /** For checks of requests before they are handed over. */
  Batch batch() {
    return batch;
  }

  /**
   * Takes work.
   *
   * @param taken is run once it is taken and before it begins
   * @throws BusyException if too much waits already
   * @throws IllegalStateException if it is closed
   */
  void submit(Job job, Runnable taken) {
    synchronized (lock) {
      requireOpen();
      // What is about to begin does not wait for anybody.
      int free = how.mostRunning() - running.size();
      if (waiting.size() >= how.mostWaiting() + Math.max(0, free)) {
        throw new BusyException(waiting.size());
      }
      taken.run();
      waiting.add(job);
      if (driver == null) {
        driver = new Thread(this::drive, "kvpress-generator-" + name);
        driver.setDaemon(true);
        driver.start();
      }
      lock.notifyAll();
    }
  }

  /**
   * Refuses work of a generator that is closed.
   *
   * @throws IllegalStateException saying so
   */
  void requireOpen() {
    synchronized (lock) {
      checkState(!closed, "the generator of model %s is closed; open another one", name);
    }
  }

  /** Whether the thread that asks is the one that does the work, which must not wait for itself. */
  boolean isDriver() {
    synchronized (lock) {
      return Thread.currentThread() == driver;
    }
  }

  /** Work that has begun and has not ended. */
  int running() {
    synchronized (lock) {
      return (int) running.stream().filter(job -> !job.isDone()).count();
    }
  }

  /** Work that has not. */
  int waiting() {
    synchronized (lock) {
      return waiting.size();
    }
  }

  /** Bytes that keys and values of what runs took after the last step. */
  long cacheBytes() {
    return cacheBytes;
  }

  private void drive() {
    try {
      while (awaitWork()) {
        dismiss();
        admit();
        batch.step();
        stepOne();
        sweep();
      }
      end();
    } catch (RuntimeException | Error e) {
      LOG.error("the generator of model {} cannot go on", name, e);
      failAll(new IllegalStateException("the generator of model " + name + " has failed: " + e, e));
      end();
    }
  }

  /** Whether there is any; waits until there is, or the scheduler is closed. */
  private boolean awaitWork() {
    synchronized (lock) {
      boolean interrupted = false;
      while (!closed && waiting.isEmpty() && running.isEmpty()) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          // Nobody else knows this thread; a listener may have left that behind.
          interrupted = true;
        }
      }
      if (interrupted) {
        LOG.debug("an interrupt of the generator's own thread is passed over");
      }
      if (closed) {
        waiting.forEach(job -> job.ask(FinishReason.CANCELLED));
        running.forEach(job -> job.ask(FinishReason.CANCELLED));
      }
      return !waiting.isEmpty() || !running.isEmpty();
    }
  }

  /** Lets go of what is not wanted any more before it has begun. */
  private void dismiss() {
    List<Job> unwanted = new ArrayList<>();
    synchronized (lock) {
      for (Iterator<Job> jobs = waiting.iterator(); jobs.hasNext(); ) {
        Job job = jobs.next();
        job.askIfLate();
        if (job.asked().isPresent()) {
          jobs.remove();
          unwanted.add(job);
        }
      }
      running.forEach(Job::askIfLate);
    }
    unwanted.forEach(Job::dismiss);
  }

  private void admit() {
    while (true) {
      Job job;
      synchronized (lock) {
        if (running.size() >= how.mostRunning() || waiting.isEmpty()) {
          return;
        }
        job = waiting.remove();
        running.add(job);
      }
      try {
        job.begin(batch);
      } catch (RuntimeException | Error e) {
        job.fail(reason(e));
      }
    }
  }

  /** What is thrown ends the job that has thrown it, and no other. */
  private static RuntimeException reason(Throwable thrown) {
    return thrown instanceof RuntimeException reason
        ? reason
        : new IllegalStateException("the work has been ended by " + thrown, thrown);
  }

  /** A piece of the work that is next in turn beside the batch. */
  private void stepOne() {
    List<Job> all;
    synchronized (lock) {
      all = List.copyOf(running);
    }
    for (int i = 0; i < all.size(); i++) {
      Job job = all.get((next + i) % all.size());
      if (!job.isDone() && stepped(job)) {
        next = (next + i + 1) % all.size();
        return;
      }
    }
  }

  private static boolean stepped(Job job) {
    try {
      return job.step();
    } catch (RuntimeException | Error e) {
      job.fail(reason(e));
      return true;
    }
  }

  private void sweep() {
    synchronized (lock) {
      running.removeIf(Job::isDone);
      cacheBytes = batch.cacheBytes() + running.stream().mapToLong(Job::cacheBytes).sum();
    }
  }

  private void failAll(RuntimeException reason) {
    List<Job> all = new ArrayList<>();
    synchronized (lock) {
      closed = true;
      all.addAll(running);
      all.addAll(waiting);
      running.clear();
      waiting.clear();
    }
    all.stream().filter(job -> !job.isDone()).forEach(job -> job.fail(reason));
  }

  private void end() {
    try {
      batch.close();
      cacheBytes = 0;
    } finally {
      atEnd.run();
    }
  }

  /**
   * Lets all work end with {@link FinishReason#CANCELLED} and waits for that and for the thread,
   * unless it is the thread itself that closes. Closing twice does nothing more.
   */
  @Override
  public void close() {
    Optional<Thread> thread;
    boolean first;
    synchronized (lock) {
      first = !closed;
      closed = true;
      thread = Optional.ofNullable(driver);
      lock.notifyAll();
    }
    if (thread.filter(Thread.currentThread()::equals).isPresent()) {
      return;
    }
    if (thread.isPresent()) {
      Uninterruptibles.joinUninterruptibly(thread.get());
    } else if (first) {
      end();
    }
  }
}
