package dev.kvpress.compare.serve.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextFolderTest {
  @TempDir Path folder;

  @Test
  void whatAKilledServerHasLeftHalfWrittenIsGoneWhenTheNextOneStarts() throws Exception {
    Path keyed = Files.createDirectories(folder.resolve(ContextFolder.KEYED));
    Path half = Files.writeString(keyed.resolve(".kvpress-of-the-dead.tmp"), "half");
    Path whole = Files.writeString(keyed.resolve("0123.safetensors"), "whole");

    ContextFolder opened = new ContextFolder(folder, 1 << 20);

    assertThat(opened).isNotNull();
    assertThat(half).doesNotExist();
    assertThat(whole).exists();
  }
}
