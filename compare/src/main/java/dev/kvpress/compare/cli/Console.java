package dev.kvpress.compare.cli;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where a command reads and writes.
 *
 * @param in standard input
 * @param out results
 * @param err everything else
 * @param terminal whether standard error is a terminal, so that a progress bar makes sense
 */
record Console(InputStream in, PrintStream out, PrintStream err, boolean terminal) {

  /** A remark for the user. */
  void note(String line) {
    err.println("compare: " + line);
  }
}
