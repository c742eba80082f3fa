package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.scale.worker.CudaDevices;
import dev.kvpress.compare.scale.worker.WorkerShare;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many processes share the work on this machine. */
final class WorkerOptions {
  private static final String WORKERS = "--workers";
  private static final String GPUS = "--num-gpus";
  private static final String CUDA = "cuda";
  private static final int ALL = -1;

  @Option(
      names = WORKERS,
      paramLabel = "COUNT",
      description =
          "Processes that share the contexts and the processor's cores (default: none, all in one"
              + " process).")
  @Nullable String workers;

  @Option(
      names = GPUS,
      paramLabel = "COUNT",
      description =
          "GPUs to use, each by a process of its own; -1 for all that there are (default: none).")
  @Nullable String gpus;

  /** Whether one of the options was given. */
  boolean areAskedFor() {
    return workers != null || gpus != null;
  }

  /** GPUs are asked for by one option, whoever runs something on them. */
  void applyTo(ModelOptions model) {
    if (gpus != null) {
      model.provider = CUDA;
    }
  }

  /** Whether they can be given together, and with the model's provider; what cannot is noted. */
  boolean agree(ModelOptions model, Problems problems) {
    if (workers != null && gpus != null) {
      problems.add(
          "%s and %s: expected one of them; %s starts one process for each GPU"
              .formatted(WORKERS, GPUS, GPUS));
      return false;
    }
    if (workers != null && model.provider.equals(CUDA)) {
      problems.add(
          "%s: expected the provider cpu with it, found cuda; give %s -1 for one process on each GPU"
              .formatted(WORKERS, GPUS));
      return false;
    }
    return true;
  }

  /** What each worker gets; empty where there are none. */
  Optional<WorkerShare> share(ModelOptions model, Problems problems) {
    Values values = new Values(problems);
    int cores = Runtime.getRuntime().availableProcessors();
    // What is wrong with it is noted where it is read.
    int threads = new Values(new Problems()).integer("--threads", model.threads, 1).orElse(0);
    long heap = Runtime.getRuntime().maxMemory();
    if (!agree(model, problems)) {
      return Optional.empty();
    }
    if (gpus != null) {
      return devices(problems)
          .filter(names -> fits(names.size(), threads, cores, problems))
          .map(names -> WorkerShare.ofDevices(names, threads, cores, heap));
    }
    OptionalInt count = values.integer(WORKERS, workers, 1);
    if (count.isEmpty()) {
      return Optional.empty();
    }
    if (count.getAsInt() > cores) {
      problems.add(
          "%s: expected at most %d, since there are %d cores for this process, found %d; give fewer"
              .formatted(WORKERS, cores, cores, count.getAsInt()));
      return Optional.empty();
    }
    return fits(count.getAsInt(), threads, cores, problems)
        ? Optional.of(WorkerShare.ofCores(count.getAsInt(), threads, cores, heap))
        : Optional.empty();
  }

  private static boolean fits(int workers, int threads, int cores, Problems problems) {
    if ((long) workers * threads <= cores) {
      return true;
    }
    problems.add(
        "--threads: expected at most %d, since %d workers share %d cores, found %d; give fewer, or leave it out to have the cores divided"
            .formatted(Math.max(1, cores / workers), workers, cores, threads));
    return false;
  }

  private Optional<List<String>> devices(Problems problems) {
    String text = String.valueOf(gpus).strip();
    OptionalInt wanted =
        text.equals(String.valueOf(ALL))
            ? OptionalInt.of(ALL)
            : new Values(new Problems()).integer(GPUS, text, 1);
    if (wanted.isEmpty()) {
      problems.add(
          "%s: expected a whole number of at least 1, or %d for all, found '%s'"
              .formatted(GPUS, ALL, text));
      return Optional.empty();
    }
    CudaDevices found = CudaDevices.find();
    int most = found.names().size();
    if (most == 0) {
      problems.add(
          "%s: expected a GPU, found none: %s; leave it out, or divide the processor with %s"
              .formatted(GPUS, found.found(), WORKERS));
      return Optional.empty();
    }
    if (wanted.getAsInt() > most) {
      problems.add(
          "%s: expected at most %d, found %d: %s; give -1 for all"
              .formatted(GPUS, most, wanted.getAsInt(), found.found()));
      return Optional.empty();
    }
    return Optional.of(
        found.names().subList(0, wanted.getAsInt() == ALL ? most : wanted.getAsInt()));
  }
}
