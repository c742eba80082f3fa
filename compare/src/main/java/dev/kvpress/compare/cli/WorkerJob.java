package dev.kvpress.compare.cli;

import dev.kvpress.compare.run.ContextExecutor;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.Work;
import dev.kvpress.compare.scale.worker.Line;
import dev.kvpress.compare.scale.worker.PoolRules;
import dev.kvpress.compare.scale.worker.PooledContexts;
import dev.kvpress.compare.scale.worker.WorkerJava;
import dev.kvpress.compare.scale.worker.WorkerShare;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Worker processes of a comparison.
 *
 * @param share what each gets of the machine
 * @param arguments that the comparison was started with, by which each prepares the same
 */
record WorkerJob(WorkerShare share, List<String> arguments) {
  private static final String HOME = "kvpress.home";

  /** Has work gone through by them. */
  ContextExecutor over(Work work, RunSettings settings, Consumer<String> notices) {
    notices.accept(
        share.describe()
            + (share.workers() > 1 ? "; times are those of workers beside each other" : ""));
    WorkerJava launch =
        new WorkerJava(
            share,
            options(),
            List.of(Main.class.getName(), WorkerCommand.NAME));
    Line.Open open =
        new Line.Open(
            arguments,
            Path.of("").toAbsolutePath().toString(),
            share.threads(),
            settings.options().usedThreads());
    return new PooledContexts(launch, open, PoolRules.local(share.workers()), work.digest());
  }

  /** Those of this Java machine; where the repository is may have been told later. */
  private static List<String> options() {
    List<String> options =
        new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
    String home = System.getProperty(HOME);
    if (home != null) {
      options.add("-D%s=%s".formatted(HOME, home));
    }
    return options;
  }

  int processes() {
    return share.workers();
  }

  /** By name, for the record of a run. */
  Map<String, String> facts() {
    return share.facts();
  }
}
