package dev.kvpress.presses.kernel;

import org.jspecify.annotations.Nullable;

/** A loop whose pieces several threads take in turns, in order. */
final class SharedLoop {
  private final Workers.Piece piece;
  private int next;
  // Pieces from here on need not be done: the end, or the first that is known to have failed.
  private int end;
  private int running;
  private @Nullable Throwable failure;

  SharedLoop(int count, Workers.Piece piece) {
    this.piece = piece;
    end = count;
  }

  /** Does pieces until none is left. */
  void takePart() {
    for (int i = take(); i >= 0; i = take()) {
      Throwable thrown = null;
      try {
        piece.run(i);
      } catch (Throwable t) { // Errors too: the caller must hear of them.
        thrown = t;
      } finally {
        finish(i, thrown);
      }
    }
  }

  private synchronized int take() {
    if (next >= end) {
      return -1;
    }
    running++;
    return next++;
  }

  private synchronized void finish(int index, @Nullable Throwable thrown) {
    running--;
    if (thrown != null && index < end) {
      // Pieces before it have all been taken, so the first failure in order is found.
      end = index;
      failure = thrown;
    }
    notifyAll();
  }

  /** Waits until nobody is at work any more, and reports the first failure in order. */
  synchronized void await() {
    boolean interrupted = false;
    while (running > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException fault) {
      throw fault;
    }
    if (failure != null) {
      // A checked exception that a piece has thrown unseen by the compiler.
      throw new IllegalStateException(failure);
    }
  }
}
