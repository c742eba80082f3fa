package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;

/** What every command does once its options are read. */
interface Action {

  /**
   * Checks the options, then does the work.
   *
   * @param problems what was wrong with the options as such; the command adds its own and ends if
   *     there are any
   * @return the exit code
   */
  int run(Console console, Problems problems);
}
