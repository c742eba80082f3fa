package dev.kvpress.compare.scale.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With an nvidia-smi that says what the test wants. */
class CudaDevicesTest {
  private static final String TWO =
      """
      GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aaaa-0)
      GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-bbbb-1)
      """;

  @TempDir Path folder;

  private CudaDevices find(String variable, String says, int code) throws IOException {
    Path text = Files.writeString(folder.resolve("says"), says);
    Path tool =
        Files.writeString(
            folder.resolve("nvidia-smi"),
            "#!/bin/sh\n[ \"$1\" = -L ] || exit 9\ncat '%s'\nexit %d\n".formatted(text, code));
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    return CudaDevices.find(
        Optional.ofNullable(variable), new ProcessBuilder(tool.toString(), "-L"));
  }

  private CudaDevices without(String variable) {
    return CudaDevices.find(
        Optional.ofNullable(variable), new ProcessBuilder(folder.resolve("none").toString(), "-L"));
  }

  @Test
  void allAreTakenByTheirLastingNames() throws Exception {
    CudaDevices devices = find(null, TWO, 0);
    assertThat(devices.names()).containsExactly("GPU-aaaa-0", "GPU-bbbb-1");
    assertThat(devices.found()).isEqualTo("nvidia-smi lists 2");
  }

  @Test
  void aDividedOneIsTakenByItsParts() throws Exception {
    String divided =
        """
        GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aaaa-0)
          MIG 3g.40gb     Device  0: (UUID: MIG-1111)
          MIG 3g.40gb     Device  1: (UUID: MIG-2222)
        GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-bbbb-1)
        """;
    assertThat(find(null, divided, 0).names())
        .containsExactly("MIG-1111", "MIG-2222", "GPU-bbbb-1");
  }

  @Test
  void theVariableSaysWhichUpToTheFirstThatIsNone() throws Exception {
    assertThat(find("1", TWO, 0).names()).containsExactly("1");
    assertThat(find("1, 0", TWO, 0).names()).containsExactly("1", "0");
    assertThat(find("GPU-bbbb-1", TWO, 0).names()).containsExactly("GPU-bbbb-1");
    CudaDevices beyond = find("1,2,0", TWO, 0);
    assertThat(beyond.names()).containsExactly("1");
    assertThat(beyond.found()).isEqualTo("CUDA_VISIBLE_DEVICES is '1,2,0', where '2' is no GPU");
  }

  @Test
  void aVariableThatHidesAllIsNamed() throws Exception {
    for (String none : new String[] {"", "-1", "NoDevFiles"}) {
      CudaDevices devices = find(none, TWO, 0);
      assertThat(devices.names()).as(none).isEmpty();
      assertThat(devices.found()).contains("CUDA_VISIBLE_DEVICES is '" + none + "'");
    }
  }

  @Test
  void withoutTheToolTheVariableIsBelieved() {
    assertThat(without("0,1").names()).containsExactly("0", "1");
  }

  @Test
  void whereThereAreNoneItIsSaidWhatWasFound() throws Exception {
    assertThat(without(null).names()).isEmpty();
    assertThat(without(null).found())
        .isEqualTo("there is no nvidia-smi on the path; CUDA_VISIBLE_DEVICES is not set");
    assertThat(find(null, "", 0).found()).contains("nvidia-smi lists no GPU");
    CudaDevices broken = find(null, "NVIDIA-SMI has failed because\n it has no driver\n", 9);
    assertThat(broken.names()).isEmpty();
    assertThat(broken.found())
        .contains("exit code 9: NVIDIA-SMI has failed because it has no driver");
  }
}
