package dev.kvpress.compare.spark;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Ctrl-C goes to all processes of a terminal; only the comparison knows what it means. */
final class Interrupts {
  private Interrupts() {}

  /** From here on it does nothing to this process, whose end is that of its input. */
  static void ignore() {
    Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN);
  }
}
