package dev.kvpress.compare.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bin/gpu-check} says before it runs anything, on a machine made to lack things. */
class GpuCheckScriptTest {
  private static final Path SCRIPT = Path.of(System.getProperty("kvpress.root"), "bin/gpu-check");

  @TempDir Path folder;

  private record Outcome(int code, String said) {}

  @BeforeEach
  void needsBash() {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no bash");
  }

  /** Runs the script with a folder of stand-ins before the path, and libraries in another. */
  private Outcome run(String... arguments) throws IOException, InterruptedException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path libraries = Files.createDirectories(folder.resolve("lib"));
    // What the loader knows of this machine is not asked for.
    tool(bin, "ldconfig", "exit 0");
    List<String> command = new ArrayList<>(List.of("/bin/bash", SCRIPT.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PATH", bin + ":" + builder.environment().get("PATH"));
    builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Outcome(process.waitFor(), said);
  }

  private static void tool(Path bin, String name, String line) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/bash\n" + line + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void everythingThatIsMissingIsNamedAtOnce() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    tool(bin, "nvidia-smi", "echo 'No devices were found'");
    tool(bin, "uname", "[ \"$1\" = -s ] && echo Linux || echo x86_64");
    Files.createDirectories(folder.resolve("lib"));
    Files.writeString(folder.resolve("lib/libcublas.so.12"), "");
    Outcome outcome = run();
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.said())
        .contains("missing: a GPU: nvidia-smi lists none")
        .contains("missing: libcuda.so.1, which comes with the NVIDIA driver")
        .contains("missing: libcudart.so.12 libcublasLt.so.12 libcurand.so.10 of CUDA 12: install")
        .contains("nothing was run")
        .contains("--provider cpu")
        .doesNotContain("comparison on");
  }

  @Test
  void otherMachinesAndMissingModelsAreNamedToo() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    tool(bin, "uname", "[ \"$1\" = -s ] && echo Darwin || echo arm64");
    Outcome outcome = run("--model", folder.resolve("nowhere").toString());
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.said())
        .contains("missing: Linux on x86_64, found Darwin on arm64")
        .contains("missing: the model " + folder.resolve("nowhere"));
  }

  @Test
  void wrongOptionsEndWithTwo() throws Exception {
    assertThat(run("--provider", "tpu").code()).isEqualTo(2);
    assertThat(run("--provider").said()).contains("--provider needs a value");
    assertThat(run("--what").said()).contains("unknown option --what");
    Outcome help = run("--help");
    assertThat(help.code()).isZero();
    assertThat(help.said()).contains("Exit codes: 0 all agrees").doesNotContain("set -euo");
  }
}
