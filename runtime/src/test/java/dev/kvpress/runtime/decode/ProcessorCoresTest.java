package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorCoresTest {
  @TempDir Path folder;

  /** Two packages of two cores of two threads: 0 and 4 are one core, and so on. */
  @BeforeEach
  void eightThreadsOnFourCores() throws IOException {
    for (int cpu = 0; cpu < 8; cpu++) {
      Path topology = Files.createDirectories(folder.resolve("cpu" + cpu + "/topology"));
      Files.writeString(topology.resolve("physical_package_id"), cpu % 4 / 2 + "\n");
      Files.writeString(topology.resolve("core_id"), cpu % 2 + "\n");
    }
  }

  private int count(int threads, String allowed) throws IOException {
    Path status =
        Files.writeString(
            folder.resolve("status"), "Name:\tjava\nCpus_allowed_list:\t" + allowed + "\n");
    return ProcessorCores.count(threads, folder, status);
  }

  @Test
  void threadsThatShareACoreCountOnce() throws IOException {
    assertThat(count(8, "0-7")).isEqualTo(4);
    assertThat(count(4, "0-1,4-5")).isEqualTo(2);
    assertThat(count(2, "0,5")).isEqualTo(2);
  }

  @Test
  void aControlGroupBoundsThem() throws IOException {
    assertThat(count(2, "0-7")).isEqualTo(2);
    assertThat(count(1, "0-7")).isEqualTo(1);
  }

  @Test
  void whereNobodySaysJavasCountStands() throws IOException {
    assertThat(count(8, "0-8")).isEqualTo(8);
    assertThat(count(8, "what?")).isEqualTo(8);
    assertThat(ProcessorCores.count(3, folder, folder.resolve("nothing"))).isEqualTo(3);
  }

  @Test
  void thisMachineHasSome() {
    assertThat(ProcessorCores.count()).isBetween(1, Runtime.getRuntime().availableProcessors());
  }
}
