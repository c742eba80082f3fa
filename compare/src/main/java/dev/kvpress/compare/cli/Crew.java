package dev.kvpress.compare.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.scale.worker.Line;
import dev.kvpress.compare.scale.worker.PoolRules;
import dev.kvpress.compare.scale.worker.PooledContexts;
import dev.kvpress.compare.scale.worker.WorkerJava;
import dev.kvpress.compare.scale.worker.WorkerLaunch;
import dev.kvpress.compare.scale.worker.WorkerShare;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who does the work of a comparison, where it is not done by its own process.
 *
 * @param words that tell the user of it
 * @param launch how they are started
 * @param rules how work is dealt out to them
 * @param arguments of the comparison, as a worker reads them again
 * @param threads that each may use; 0: whoever starts it knows
 * @param facts by name, for the record of the run
 */
record Crew(
    String words,
    WorkerLaunch launch,
    PoolRules rules,
    List<String> arguments,
    int threads,
    Map<String, String> facts) {
  /** Main class of a worker, and its arguments. */
  static final List<String> WORKER = List.of(Main.class.getName(), WorkerCommand.NAME);

  /** Takes copies. */
  Crew {
    arguments = ImmutableList.copyOf(arguments);
    facts = ImmutableMap.copyOf(facts);
  }

  /** Processes of this machine. */
  static Crew of(WorkerShare share, List<String> arguments) {
    return new Crew(
        share.describe()
            + (share.workers() > 1 ? "; times are those of workers beside each other" : ""),
        new WorkerJava(share, options(), WORKER),
        PoolRules.local(share.workers()),
        arguments,
        share.threads(),
        share.facts());
  }

  /** Those of this Java machine; where the repository is may have been told later. */
  private static List<String> options() {
    List<String> options =
        new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
    String home = System.getProperty(DemoFiles.HOME);
    if (home != null) {
      options.add("-D%s=%s".formatted(DemoFiles.HOME, home));
    }
    return options;
  }

  /** Workers that share the memory of this machine; those of a bridge have others. */
  int processes() {
    return rules.workers();
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
