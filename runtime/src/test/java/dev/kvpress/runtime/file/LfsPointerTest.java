package dev.kvpress.runtime.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LfsPointerTest {
  /** What Git writes in place of a large file. */
  private static final String POINTER =
      "version https://git-lfs.github.com/spec/v1\noid sha256:"
          + "0".repeat(64)
          + "\nsize 4976698672\n";

  @TempDir Path folder;

  @Test
  void isNamedWithItsSizeAndWhatToDo() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), POINTER);
    assertThatThrownBy(() -> LfsPointer.refuse(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining("Git LFS pointer")
        .hasMessageContaining("4976698672 bytes")
        .hasMessageContaining("git lfs pull");
  }

  @Test
  void isNamedWithLineEndsOfWindowsAndBehindALink() throws IOException {
    Path blob = Files.writeString(folder.resolve("blob"), POINTER.replace("\n", "\r\n"));
    Path link = Files.createSymbolicLink(folder.resolve("config.json"), blob.getFileName());
    assertThat(LfsPointer.describe(link).orElseThrow()).contains("4976698672 bytes");
  }

  @Test
  void everythingElsePasses() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "about " + POINTER);
    Path large = Files.writeString(folder.resolve("large.txt"), POINTER + " ".repeat(2000));
    Path empty = Files.createFile(folder.resolve("empty"));
    for (Path file : new Path[] {text, large, empty, folder, folder.resolve("absent")}) {
      assertThatCode(() -> LfsPointer.refuse(file)).doesNotThrowAnyException();
    }
  }
}
