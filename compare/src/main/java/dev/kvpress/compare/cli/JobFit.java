package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.scale.slurm.JobResources;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Whether what a comparison wants of its machine is what its jobs ask a cluster for: else each job
 * would refuse it, after its time in the queue.
 */
final class JobFit {
  private static final int EVERY_GPU = -1;

  private final JobResources asked;
  private final OptionalInt workers;
  private final OptionalInt gpus;
  private final boolean everyGpu;
  private final OptionalInt threads;

  /**
   * Reads what the comparison wants.
   *
   * @param problems takes what cannot be read, but for threads, which others read too
   */
  JobFit(CompareCommand command, JobResources asked, Problems problems) {
    command.workers.agree(command.model, problems);
    Values values = new Values(problems);
    this.asked = asked;
    this.workers = values.integer("--workers", command.workers.workers, 1);
    String devices = command.workers.gpus;
    this.everyGpu = devices != null && devices.strip().equals(String.valueOf(EVERY_GPU));
    this.gpus = everyGpu ? OptionalInt.empty() : values.integer("--num-gpus", devices, 1);
    this.threads = new Values(new Problems()).integer("--threads", command.model.threads, 1);
  }

  /** Notes what jobs with the cores and GPUs that are asked for would refuse. */
  void check(Problems problems) {
    OptionalInt devices = asked.gpuCount();
    if (devices.isPresent() && gpus.orElse(1) > devices.getAsInt()) {
      problems.add(
          "--num-gpus: expected at most %d, as --gpus before -- asks for, found %d; give fewer, or raise --gpus"
              .formatted(devices.getAsInt(), gpus.getAsInt()));
    }
    if (asked.cpus().isEmpty() || asked.takesWholeNodes()) {
      return;
    }
    int cores = asked.cpus().getAsInt();
    if (workers.orElse(1) > cores) {
      problems.add(
          "--workers: expected at most %d, as --cpus before -- asks for, found %d; give fewer, or raise --cpus"
              .formatted(cores, workers.getAsInt()));
    } else if (cores() > cores) {
      problems.add(
          "--threads: expected at most %d%s, as --cpus %d before -- asks for, found %d; give fewer, or raise --cpus"
              .formatted(
                  Math.max(1, cores / processes()),
                  processes() == 1 ? "" : " in each of %d workers".formatted(processes()),
                  cores,
                  threads.orElse(1)));
    }
  }

  /** Threads of each engine where the comparison does not say how many; the same in all jobs. */
  OptionalInt unsaidThreads() {
    return threads.isPresent()
        ? OptionalInt.empty()
        : OptionalInt.of(Math.max(1, asked.cpus().orElse(1) / processes()));
  }

  /** What is said of cores where none are asked for. */
  Optional<String> remark() {
    if (asked.cpus().isPresent()) {
      return Optional.empty();
    }
    if (asked.takesWholeNodes()) {
      return threads.isPresent()
          ? Optional.empty()
          : Optional.of(
              "jobs have all cores of their nodes, but each engine gets one thread, since figures follow their number; say how many with --threads behind --");
    }
    return cores() == 1
        ? Optional.empty()
        : Optional.of(
            "the comparison wants %d cores, but none are asked for, and most clusters give one then; add --cpus %d before --"
                .formatted(cores(), cores()));
  }

  private int processes() {
    int devices = everyGpu ? asked.gpuCount().orElse(1) : gpus.orElse(1);
    return Math.max(workers.orElse(1), devices);
  }

  private long cores() {
    return (long) processes() * threads.orElse(1);
  }
}
