package dev.kvpress.compare.scale.worker;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each of some workers gets of a machine.
 *
 * @param workers how many
 * @param threads that each may use, at least 1
 * @param devices the GPU of each, as {@link CudaDevices#VARIABLE} names it; empty on the processor
 * @param heapBytes of the Java machine of each
 */
public record WorkerShare(int workers, int threads, List<String> devices, long heapBytes) {
  /** Less would not hold a small model's data. */
  static final long LEAST_HEAP = 512L << 20;

  /** Checks the ranges. */
  public WorkerShare {
    devices = ImmutableList.copyOf(devices);
    checkArgument(workers >= 1, "workers must be at least 1, found %s", workers);
    checkArgument(threads >= 1, "threads must be at least 1, found %s", threads);
    checkArgument(
        devices.isEmpty() || devices.size() == workers,
        "%s workers cannot have %s devices",
        workers,
        devices.size());
  }

  /**
   * Divides the cores, which together are not exceeded, and the heap.
   *
   * @param workers how many, at most as many as there are cores
   * @param asked threads of each, as the user wants it; 0: what there is for each
   * @param cores of the machine
   * @param heapBytes that one process would have
   */
  public static WorkerShare ofCores(int workers, int asked, int cores, long heapBytes) {
    return new WorkerShare(
        workers, threads(workers, asked, cores), List.of(), heap(heapBytes, workers));
  }

  /** One worker for each device; where there are fewer cores than devices, each has one. */
  public static WorkerShare ofDevices(List<String> devices, int asked, int cores, long heapBytes) {
    int workers = devices.size();
    return new WorkerShare(
        workers, threads(workers, asked, cores), devices, heap(heapBytes, workers));
  }

  private static int threads(int workers, int asked, int cores) {
    return asked > 0 ? asked : Math.max(1, cores / workers);
  }

  private static long heap(long bytes, int workers) {
    return Math.max(LEAST_HEAP, bytes / workers);
  }

  /** The device of a worker. */
  public Optional<String> device(int worker) {
    return devices.isEmpty() ? Optional.empty() : Optional.of(devices.get(worker));
  }

  /** In a line, for people. */
  public String describe() {
    return "%d %s with %d %s each%s"
        .formatted(
            workers,
            workers == 1 ? "worker" : "workers",
            threads,
            threads == 1 ? "thread" : "threads",
            devices.isEmpty() ? "" : ", on the GPUs " + String.join(", ", devices));
  }

  /** By name, for the record of a run. */
  public Map<String, String> facts() {
    ImmutableMap.Builder<String, String> facts = ImmutableMap.builder();
    facts.put("workers", String.valueOf(workers));
    facts.put("threads_per_worker", String.valueOf(threads));
    facts.put("heap_bytes_per_worker", String.valueOf(heapBytes));
    if (!devices.isEmpty()) {
      facts.put("gpus", String.join(", ", devices));
    }
    return facts.buildOrThrow();
  }
}
