package dev.kvpress.compare.cli;

import dev.kvpress.compare.scale.worker.Line;
import dev.kvpress.compare.scale.worker.PoolRules;
import dev.kvpress.compare.scale.worker.PooledContexts;
import dev.kvpress.compare.scale.worker.WorkerJava;
import dev.kvpress.compare.scale.worker.WorkerLaunch;
import dev.kvpress.compare.scale.worker.WorkerShare;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;

/**
 * Who does the work of a comparison, where it is not done by its own process.
 *
 * @param words that tell the user of it
 * @param launch how they are started
 * @param rules how work is dealt out to them
 * @param arguments of the comparison, as a worker reads them again
 * @param threads that each may use; 0: whoever starts it knows
 */
record Crew(
    String words, WorkerLaunch launch, PoolRules rules, List<String> arguments, int threads) {
  /** Main class of a worker, and its arguments. */
  static final List<String> WORKER = List.of(Main.class.getName(), "worker");

  /** Processes of this machine. */
  static Crew of(WorkerShare share, List<String> arguments) {
    return new Crew(
        share.describe()
            + (share.workers() > 1
                ? "; they run beside each other, and times are taken so"
                : "; times are taken so"),
        new WorkerJava(share, ManagementFactory.getRuntimeMXBean().getInputArguments(), WORKER),
        PoolRules.local(share.workers()),
        arguments,
        share.threads());
  }

  /**
   * What goes through contexts.
   *
   * @param parts into which the engine of this process would divide an operator
   * @param digest of the work that all must have prepared
   */
  PooledContexts contexts(int parts, String digest) {
    Line.Open open =
        new Line.Open(arguments, Path.of("").toAbsolutePath().toString(), threads, parts);
    return new PooledContexts(launch, open, rules, digest);
  }
}
