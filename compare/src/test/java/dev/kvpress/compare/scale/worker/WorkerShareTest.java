package dev.kvpress.compare.scale.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerShareTest {
  private static final long GIBIBYTE = 1L << 30;

  @Test
  void coresAreDividedAndNeverExceeded() {
    for (int cores = 1; cores <= 70; cores++) {
      for (int workers = 1; workers <= cores; workers++) {
        WorkerShare share = WorkerShare.ofCores(workers, 0, cores, GIBIBYTE);
        assertThat(share.workers() * share.threads()).isBetween(1, cores);
        // No other worker could have one thread more.
        assertThat((share.threads() + 1) * workers).isGreaterThan(cores);
      }
    }
    assertThat(WorkerShare.ofCores(2, 3, 64, GIBIBYTE).threads()).isEqualTo(3);
  }

  @Test
  void theHeapIsDividedDownToWhatAModelNeeds() {
    assertThat(WorkerShare.ofCores(4, 0, 8, 8 * GIBIBYTE).heapBytes()).isEqualTo(2 * GIBIBYTE);
    assertThat(WorkerShare.ofCores(8, 0, 8, GIBIBYTE).heapBytes())
        .isEqualTo(WorkerShare.LEAST_HEAP);
  }

  @Test
  void eachDeviceHasOneWorker() {
    WorkerShare share = WorkerShare.ofDevices(List.of("GPU-a", "3"), 0, 8, 8 * GIBIBYTE);
    assertThat(share.workers()).isEqualTo(2);
    assertThat(share.threads()).isEqualTo(4);
    assertThat(share.device(1)).contains("3");
    assertThat(share.describe()).isEqualTo("2 workers with 4 threads each, on the GPUs GPU-a, 3");
    assertThat(WorkerShare.ofDevices(List.of("0", "1", "2"), 0, 2, GIBIBYTE).threads()).isOne();
  }

  @Test
  void aWorkerHasTheOptionsOfThisMachineButItsShareOfHeapAndCores() {
    WorkerShare share = WorkerShare.ofDevices(List.of("GPU-a", "3"), 0, 8, 8 * GIBIBYTE);
    ProcessBuilder worker =
        new WorkerJava(
                share,
                List.of(
                    "--add-modules=jdk.incubator.vector",
                    "-Xmx8g",
                    "-Xms1g",
                    "-Dkvpress.home=/somewhere",
                    "-Dkvpress.terminal=true",
                    "-agentlib:jdwp=server=y"),
                List.of("Some", "worker"))
            .of(1);
    assertThat(worker.command())
        .contains(
            "--add-modules=jdk.incubator.vector",
            "-Dkvpress.home=/somewhere",
            "-Xmx4096m",
            "-XX:ActiveProcessorCount=4")
        .doesNotContain("-Xmx8g", "-Xms1g", "-Dkvpress.terminal=true", "-agentlib:jdwp=server=y")
        .endsWith("Some", "worker");
    Map<String, String> environment = worker.environment();
    assertThat(environment)
        .containsEntry(CudaDevices.VARIABLE, "3")
        .containsEntry("ORT_DISABLE_TELEMETRY", "1");
  }
}
