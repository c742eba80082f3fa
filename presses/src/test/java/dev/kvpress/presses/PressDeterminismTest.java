package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Neither the number of threads nor the kind of kernels shows in what a press does. */
@Tag("long")
class PressDeterminismTest {
  private static final Map<String, Integer> EXPECTED = PressDigests.of(1);

  @Test
  void theNumberOfThreadsDoesNotShow() {
    assertThat(EXPECTED).hasSizeGreaterThan(60);
    assertThat(new HashSet<>(EXPECTED.values()))
        .as("what presses do differs")
        .hasSizeGreaterThan(50);
    assertThat(PressDigests.of(2)).isEqualTo(EXPECTED);
    assertThat(PressDigests.of(8)).isEqualTo(EXPECTED);
  }

  @Test
  void worksWithoutTheModuleAndGivesTheSameBits() throws Exception {
    assertThat(digests("plain Java", List.of())).isEqualTo(EXPECTED);
  }

  @Test
  void vectorInstructionsGiveTheSameBits() throws Exception {
    List<String> options =
        List.of("--add-modules", "jdk.incubator.vector", "-Dkvpress.kernels=vector");
    assertThat(digests("jdk.incubator.vector, .*", options)).isEqualTo(EXPECTED);
  }

  /** What another Java machine says. */
  private static Map<String, Integer> digests(String kernels, List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(PressDigests.class.getName(), "2"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Map<String, Integer> digests = new LinkedHashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).matches(kernels);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int tab = line.lastIndexOf('\t');
        digests.put(line.substring(0, tab), Integer.parseInt(line.substring(tab + 1)));
      }
    }
    assertThat(process.waitFor()).isZero();
    return digests;
  }
}
