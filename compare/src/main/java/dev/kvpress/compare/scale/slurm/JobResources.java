package dev.kvpress.compare.scale.slurm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the cluster is asked for; what is empty is left to the cluster.
 *
 * @param time limit of a job, in a form that SLURM reads
 * @param memory of a job, in a form that SLURM reads
 * @param cpus of a shard
 * @param gpus of a shard, a number or TYPE:NUMBER
 * @param partition where jobs run
 * @param account who pays
 * @param modules to load
 * @param further options of sbatch, each NAME=VALUE or NAME, without hyphens in front
 */
public record JobResources(
    Optional<String> time,
    Optional<String> memory,
    OptionalInt cpus,
    Optional<String> gpus,
    Optional<String> partition,
    Optional<String> account,
    List<String> modules,
    List<String> further) {
  /** Lists are copied. */
  public JobResources {
    modules = List.copyOf(modules);
    further = List.copyOf(further);
  }

  /** Options of sbatch for a job that runs the model. */
  List<String> forModels() {
    List<String> options = common();
    cpus.ifPresent(count -> options.add(String.format(Locale.ROOT, "cpus-per-task=%d", count)));
    gpus.ifPresent(some -> options.add("gpus=" + some));
    options.addAll(further);
    return options;
  }

  /** Options of sbatch for one that only reads what the others have written. */
  List<String> forFiles() {
    List<String> options = common();
    further.stream().filter(option -> !isForGpus(option)).forEach(options::add);
    return options;
  }

  /** Whether there are GPUs among it. */
  public boolean asksForGpus() {
    return gpus.isPresent() || further.stream().anyMatch(JobResources::isForGpus);
  }

  /** How many GPUs a shard gets, where they are asked for by number. */
  public OptionalInt gpuCount() {
    return gpus.map(some -> OptionalInt.of(Integer.parseInt(some.replaceFirst(".*:", ""))))
        .orElse(OptionalInt.empty());
  }

  /** Whether jobs have all cores of their nodes, however many they ask for. */
  public boolean takesWholeNodes() {
    return further.stream().anyMatch(option -> option.startsWith("exclusive"));
  }

  private static boolean isForGpus(String option) {
    return option.startsWith("gres") || option.startsWith("gpu");
  }

  private List<String> common() {
    List<String> options = new ArrayList<>();
    time.ifPresent(limit -> options.add("time=" + limit));
    memory.ifPresent(bytes -> options.add("mem=" + bytes));
    partition.ifPresent(name -> options.add("partition=" + name));
    account.ifPresent(name -> options.add("account=" + name));
    return options;
  }
}
