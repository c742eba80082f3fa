package dev.kvpress.compare.journal;

import java.time.Duration;

/** Time as a lock needs it; tests bring their own. */
interface LockTime {
  /** The machine's own. */
  LockTime REAL =
      new LockTime() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }

        @Override
        public void pause(Duration time) throws InterruptedException {
          Thread.sleep(time.toMillis());
        }
      };

  /** Nanoseconds that only count up; they may stand still while the machine sleeps. */
  long nanos();

  /** Milliseconds of the calendar; they go on while the machine sleeps, and may jump. */
  long wallMillis();

  /** Waits. */
  void pause(Duration time) throws InterruptedException;
}
