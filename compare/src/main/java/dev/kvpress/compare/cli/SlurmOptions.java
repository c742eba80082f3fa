package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.scale.slurm.JobResources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a SLURM cluster is asked for. */
final class SlurmOptions {
  private static final Pattern TIME = Pattern.compile("([0-9]+-)?[0-9]+(:[0-9]{1,2}){0,2}");
  private static final Pattern MEMORY = Pattern.compile("[1-9][0-9]*[KMGTkmgt]");
  private static final Pattern GPUS = Pattern.compile("([A-Za-z0-9_.-]+:)?[1-9][0-9]*");
  private static final Pattern NAME = Pattern.compile("[^\\s\\p{Cntrl}]+");
  private static final Pattern LINE = Pattern.compile("[^\\p{Cntrl}]+");
  private static final Pattern FURTHER = Pattern.compile("-{0,2}[a-z][a-z0-9-]*(=[^\\p{Cntrl}]+)?");

  @Option(
      names = "--time",
      paramLabel = "LIMIT",
      description =
          "Longest time of a job: minutes, hours:minutes:seconds, days-hours and other forms of SLURM.")
  @Nullable String time;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory of a job with K, M, G or T behind it, for instance 32G.")
  @Nullable String memory;

  @Option(names = "--cpus", paramLabel = "COUNT", description = "Cores of a shard.")
  @Nullable String cpus;

  @Option(
      names = "--gpus",
      paramLabel = "COUNT",
      description = "GPUs of a shard, a number or TYPE:NUMBER.")
  @Nullable String gpus;

  @Option(names = "--partition", paramLabel = "NAME", description = "Where jobs run.")
  @Nullable String partition;

  @Option(names = "--account", paramLabel = "NAME", description = "Who pays for them.")
  @Nullable String account;

  @Option(
      names = "--module",
      paramLabel = "NAME",
      description = "Environment modules that a job loads, one or several.")
  List<String> modules = new ArrayList<>();

  @Option(
      names = "--sbatch",
      paramLabel = "NAME=VALUE",
      description = "Further options of sbatch, one or several: qos=long gres=gpu:1.")
  List<String> further = new ArrayList<>();

  @Option(
      names = "--job-name",
      paramLabel = "NAME",
      description = "Name of the jobs (default: that of the output folder).")
  @Nullable String jobName;

  /** All that was asked for; what is wrong is noted and left out. */
  JobResources read(Problems problems) {
    OptionalInt cores = new Values(problems).integer("--cpus", cpus, 1);
    one("--job-name", jobName, LINE, "a name in one line", problems);
    List<String> names = new ArrayList<>();
    modules.forEach(
        name ->
            one("--module", name, NAME, "a module without spaces", problems).ifPresent(names::add));
    List<String> options = new ArrayList<>();
    for (String option : further) {
      one("--sbatch", option, FURTHER, "an option of sbatch, for instance qos=long", problems)
          .map(text -> text.replaceFirst("^-+", ""))
          .ifPresent(options::add);
    }
    return new JobResources(
        one(
            "--time",
            time,
            TIME,
            "a limit as SLURM takes it, for instance 90 (minutes), 4:00:00 or 1-12 (days and hours)",
            problems),
        one(
                "--memory",
                memory,
                MEMORY,
                "a size with K, M, G or T behind it, for instance 32G",
                problems)
            .map(size -> size.toUpperCase(Locale.ROOT)),
        cores,
        one(
            "--gpus",
            gpus,
            GPUS,
            "a number of GPUs, or TYPE:NUMBER, for instance 1 or a100:2",
            problems),
        one("--partition", partition, NAME, "a name without spaces", problems),
        one("--account", account, NAME, "a name without spaces", problems),
        names,
        options);
  }

  /** What jobs are called. */
  String name(Path output) {
    Path last = output.toAbsolutePath().normalize().getFileName();
    return jobName != null ? jobName : last == null ? "compare" : last.toString();
  }

  private static Optional<String> one(
      String option, @Nullable String text, Pattern form, String expected, Problems problems) {
    if (text == null) {
      return Optional.empty();
    }
    String bare = text.strip();
    if (form.matcher(bare).matches()) {
      return Optional.of(bare);
    }
    problems.add("%s: expected %s, found '%s'".formatted(option, expected, text));
    return Optional.empty();
  }
}
