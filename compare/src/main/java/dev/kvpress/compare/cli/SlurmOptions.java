package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.scale.slurm.JobResources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a SLURM cluster is asked for. */
final class SlurmOptions {
  private static final Pattern GPUS = Pattern.compile("([A-Za-z0-9_.-]+:)?[1-9][0-9]{0,3}");
  private static final Pattern NAME = Pattern.compile("[^\\s\\p{Cntrl}]+");
  private static final Pattern LINE = Pattern.compile("[^\\p{Cntrl}]+");

  // SLURM counts the cores of a task in 16 bits.
  private static final int MOST_CORES = 65_533;

  @Option(
      names = "--time",
      paramLabel = "LIMIT",
      description =
          "Longest time of a job: minutes, hours:minutes:seconds, days-hours and other forms of"
              + " SLURM.")
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
    one("--job-name", jobName, LINE, "a name in one line", problems);
    List<String> names = new ArrayList<>();
    modules.forEach(
        name ->
            one("--module", name, NAME, "a module without spaces", problems).ifPresent(names::add));
    OptionalInt cores = cores(problems);
    return new JobResources(
        one(
            "--time",
            time,
            SlurmAmounts::time,
            "a limit as SLURM takes it, for instance 90 (minutes), 4:00:00, 1-12 (days and hours)"
                + " or UNLIMITED",
            problems),
        one(
            "--memory",
            memory,
            SlurmAmounts::memory,
            "a size with K, M, G or T behind it, from 256M to 1024T, for instance 32G",
            problems),
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
        SbatchOptions.read(further, memory != null, problems));
  }

  private OptionalInt cores(Problems problems) {
    OptionalInt cores = new Values(problems).integer("--cpus", cpus, 1);
    if (cores.orElse(1) > MOST_CORES) {
      problems.add(
          "--cpus: expected at most %d, as SLURM counts them, found %d; give what a node has"
              .formatted(MOST_CORES, cores.getAsInt()));
      return OptionalInt.empty();
    }
    return cores;
  }

  /** What jobs are called. */
  String name(Path output) {
    Path last = output.toAbsolutePath().normalize().getFileName();
    return jobName != null ? jobName : last == null ? "compare" : last.toString();
  }

  private static Optional<String> one(
      String option, @Nullable String text, Pattern form, String expected, Problems problems) {
    return one(
        option,
        text,
        typed -> Optional.of(typed.strip()).filter(bare -> form.matcher(bare).matches()),
        expected,
        problems);
  }

  private static Optional<String> one(
      String option,
      @Nullable String text,
      Function<String, Optional<String>> reader,
      String expected,
      Problems problems) {
    if (text == null) {
      return Optional.empty();
    }
    Optional<String> read = reader.apply(text);
    if (read.isEmpty()) {
      problems.add("%s: expected %s, found '%s'".formatted(option, expected, text));
    }
    return read;
  }
}
