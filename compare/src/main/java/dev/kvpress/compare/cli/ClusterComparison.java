package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.scale.slurm.JobResources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine.ParseResult;

/**
 * A comparison that others will run later, somewhere else and in parts: its options are checked as
 * compare itself would check them, and those that make no sense there are refused.
 */
final class ClusterComparison {
  private static final String BEHIND = "behind --, ";

  /** Options that belong elsewhere, with the way out. */
  private static final Map<String, String> ELSEWHERE = elsewhere();

  private final CompareCommand command;
  private final ParseResult typed;
  private final RunSettings settings;
  private final JobResources asked;
  private final JobFit fit;

  private ClusterComparison(
      CompareCommand command,
      ParseResult typed,
      RunSettings settings,
      JobResources asked,
      JobFit fit) {
    this.command = command;
    this.typed = typed;
    this.settings = settings;
    this.asked = asked;
    this.fit = fit;
  }

  private static Map<String, String> elsewhere() {
    Map<String, String> reasons = new LinkedHashMap<>();
    reasons.put("--shard", "each job of the array has its own; leave it out");
    reasons.put(
        "--fresh",
        "a job that is started again would start over; leave it out and give another --output");
    reasons.put("--dry-run", "jobs are to run; leave it out, or call compare itself with it");
    reasons.put("--fill-cache", "a job of its own does so first; leave it out");
    reasons.put(
        "--fail-if",
        "each shard would be judged alone; leave it out and look at the merged results");
    reasons.put("--help", "it asks for nothing to be run; leave it out");
    reasons.put("--version", "it asks for nothing to be run; leave it out");
    return reasons;
  }

  /**
   * Checks it.
   *
   * @param words as they stand behind {@code --}
   * @param asked what its jobs ask the cluster for
   * @param notices takes remarks of the comparison
   * @param problems takes what is wrong
   * @return empty where something is
   */
  static Optional<ClusterComparison> check(
      List<String> words, JobResources asked, Consumer<String> notices, Problems problems) {
    if (words.isEmpty()) {
      problems.add(
          "--: expected the options of the comparison behind it, found nothing; give for instance"
              + " compare slurm --array 16 -- --methods h2o baseline --compression-ratio 0.6");
      return Optional.empty();
    }
    Problems own = new Problems();
    try {
      Invocation invocation = Invocation.read(words.toArray(new String[0]), own);
      try {
        return Optional.of(check(invocation, asked, notices, own));
      } catch (UsageException e) {
        e.problems().forEach(line -> problems.add(BEHIND + invocation.place(line)));
      }
    } catch (UsageException e) {
      e.problems().forEach(line -> problems.add(BEHIND + line));
    }
    return Optional.empty();
  }

  private static ClusterComparison check(
      Invocation invocation, JobResources asked, Consumer<String> notices, Problems problems) {
    ParseResult result = invocation.result();
    ParseErrors.collect(result, problems);
    if (result.hasSubcommand()) {
      problems.add(
          "expected options of a comparison, found the command '%s'; only comparisons run as an array"
              .formatted(result.subcommand().commandSpec().name()));
      problems.throwIfAny();
    }
    ELSEWHERE.forEach(
        (name, reason) -> {
          if (result.hasMatchedOption(name)) {
            problems.add("%s: %s".formatted(name, reason));
          }
        });
    if (invocation.isTyped("--output")) {
      problems.add(
          "--output: jobs have folders of their own; give it before --, for the merged results");
    }
    CompareCommand command = (CompareCommand) result.commandSpec().userObject();
    JobFit fit = new JobFit(command, asked, problems);
    fit.check(problems);
    RunSettings settings = command.check(notices, problems).job().settings();
    return new ClusterComparison(command, result, settings, asked, fit);
  }

  /** Where a file of options says that results go, or where they go by default. */
  Path output() {
    return Path.of(command.output);
  }

  /**
   * The options with a number of threads, where they name none: what a job would find on its node
   * may differ from one to the next, and the last bits of figures with it.
   *
   * @param words as they stand behind {@code --}
   */
  List<String> withThreads(List<String> words) {
    return fit.unsaidThreads().stream()
        .mapToObj(threads -> List.of("--threads", String.valueOf(threads)))
        .findFirst()
        .map(said -> Stream.concat(words.stream(), said.stream()).toList())
        .orElse(words);
  }

  /**
   * What seems odd about what the cluster is asked for.
   *
   * @param shards of the array
   */
  List<String> remarks(int shards) {
    boolean wants = !command.model.provider.equals("cpu") || typed.hasMatchedOption("--num-gpus");
    List<String> remarks = new ArrayList<>();
    if (asked.asksForGpus() && !wants) {
      remarks.add(
          "GPUs are asked for, but the comparison runs on the processor; add --num-gpus -1 behind"
              + " -- to use them");
    }
    if (!asked.asksForGpus() && wants) {
      remarks.add(
          "the comparison runs on GPUs, but none are asked for; add --gpus 1, or --sbatch"
              + " gres=gpu:1, before --");
    }
    fit.remark().ifPresent(remarks::add);
    // How many there are of the data is known only once it is read.
    long most = (long) settings.maxSamples().orElse(Integer.MAX_VALUE) * settings.tasks().size();
    if (shards > most) {
      remarks.add(
          "--array %d: --max-samples leaves at most %d contexts; the other shards have nothing to do"
              .formatted(shards, most));
    }
    return remarks;
  }
}
