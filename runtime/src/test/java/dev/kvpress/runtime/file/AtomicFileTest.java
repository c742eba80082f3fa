package dev.kvpress.runtime.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void whoMayReadOtherNewFilesMayReadThisOne() throws Exception {
    Path other = Files.writeString(folder.resolve("other"), "other");
    Assumptions.assumeTrue(
        Files.getFileStore(folder).supportsFileAttributeView("posix"), "no POSIX permissions");
    Path file = folder.resolve("model.onnx");

    AtomicFile.write(file, out -> AtomicFile.writeFully(out, ByteBuffer.wrap(new byte[] {1})));

    assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(other));
  }

  @Test
  void aFailureLeavesWhatWasThereAndNothingBesideIt() throws Exception {
    Path file = Files.writeString(folder.resolve("model.onnx"), "before");

    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      AtomicFile.writeFully(out, ByteBuffer.wrap(new byte[] {1}));
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");

    assertThat(file).hasContent("before");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void whatADeadProcessHasLeftIsDeletedAndWhatIsBeingWrittenStays() throws Exception {
    Path left = Files.writeString(folder.resolve(".kvpress-of-the-dead.tmp"), "half");
    Path file = folder.resolve("model.onnx");

    AtomicFile.write(
        file,
        out -> {
          AtomicFile.sweep(folder);
          AtomicFile.writeFully(out, ByteBuffer.wrap(new byte[] {1}));
          assertThat(sweeping().onExit().join().exitValue()).isZero();
        });

    assertThat(left).doesNotExist();
    assertThat(file).hasBinaryContent(new byte[] {1});
  }

  /** Sweeps a folder in a process of its own. */
  static final class Sweeping {
    private Sweeping() {}

    public static void main(String[] args) throws IOException {
      AtomicFile.sweep(Path.of(args[0]));
    }
  }

  private Process sweeping() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            Sweeping.class.getName(),
            folder.toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
