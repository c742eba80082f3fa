package dev.kvpress.runtime.generate;

import dev.kvpress.runtime.decode.Batch;
import java.time.Duration;
import java.util.Optional;

/**
 * Work that was handed to a {@link Scheduler}. But for {@link #ask} all is called by the thread
 * that drives it.
 */
abstract class Job {
  private final long handedOver = System.nanoTime();
  private final long mostNanos;
  private volatile Optional<FinishReason> asked = Optional.empty();

  /**
   * Work to be done.
   *
   * @param time from now on, waiting included; empty for as long as it takes
   */
  Job(Optional<Duration> time) {
    mostNanos = time.map(Job::nanos).orElse(Long.MAX_VALUE);
  }

  /** Longer than anything runs where it does not fit. */
  private static long nanos(Duration time) {
    try {
      return time.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Asks for the end; only the first reason counts. Any thread may do so. */
  void ask(FinishReason reason) {
    synchronized (this) {
      if (asked.isEmpty()) {
        asked = Optional.of(reason);
      }
    }
  }

  /** Why the end was asked for, if it was. */
  final Optional<FinishReason> asked() {
    return asked;
  }

  /** Asks for the end if the time is over. */
  final void askIfLate() {
    if (elapsedNanos() >= mostNanos) {
      ask(FinishReason.TIME_LIMIT);
    }
  }

  /** Since it was handed over. */
  final long elapsedNanos() {
    return System.nanoTime() - handedOver;
  }

  /** It is its turn; what is thrown fails it. */
  abstract void begin(Batch batch);

  /**
   * Does a piece of what the batch does not do for it.
   *
   * @return whether there was anything to do
   */
  abstract boolean step();

  /** Whether it has come to its end. */
  abstract boolean isDone();

  /** It was asked to end before it has begun. */
  abstract void dismiss();

  /** It cannot go on. */
  abstract void fail(RuntimeException reason);

  /** Bytes of keys and values that are not in the batch. */
  long cacheBytes() {
    return 0;
  }
}
