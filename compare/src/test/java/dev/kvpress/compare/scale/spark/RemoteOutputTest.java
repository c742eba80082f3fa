package dev.kvpress.compare.scale.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a shell in the place of the process for files. */
class RemoteOutputTest {
  @TempDir Path folder;

  private static RemoteFiles files(String script, List<String> notices) {
    return new RemoteFiles(new ProcessBuilder("/bin/sh", "-c", script), notices::add);
  }

  @Test
  void saysWhereResultsAreWhoseWriterDies() {
    String script =
        "read a; echo 'ok {}'; read b; echo 'note {\"message\":\"a remark\"}'; echo 'ok {}';"
            + " read c; echo 'no room' >&2; exit 3";
    List<String> notices = new ArrayList<>();
    try (RemoteFiles files = files(script, notices)) {
      RemoteOutput output = new RemoteOutput(files, "s3a://b/out", folder, notices::add);
      assertThat(notices).containsExactly("a remark");
      assertThatThrownBy(output::close)
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("exit code 3; its last words: no room")
          .hasMessageContaining("; what was done is in " + output.folder());
    }
  }

  @Test
  void aFaultIsWhatTheUserGaveWrong() {
    try (RemoteFiles files = files("read a; echo 'fault {\"message\":\"no jars\"}'", List.of())) {
      assertThatThrownBy(() -> files.local(List.of("s3a://b/model")))
          .isInstanceOf(UsageException.class)
          .hasMessage("no jars");
    }
  }

  @Test
  void knowsUris() {
    assertThat(List.of("s3a://b/m", "file:/m", "file:///m")).allMatch(RemoteFiles::isUri);
    assertThat(List.of("/m", "m", "C:/m", "file:m", "qa=m")).noneMatch(RemoteFiles::isUri);
  }

  @Test
  void jarsOfThisHostAreThoseWithoutASchemeOrWithThatOfFiles() {
    assertThat(
            SparkSettings.localJars(
                "/a.jar, b.jar,file:/c.jar,file:///d.jar,local:/e.jar,s3a://b/f.jar,"))
        .containsExactly("/a.jar", "b.jar", "/c.jar", "/d.jar", "/e.jar");
  }
}
