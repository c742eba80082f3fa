package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {
  @TempDir Path folder;

  @Test
  void jarsStayJarsAndFoldersFolders() throws Exception {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    Files.createDirectories(classes.resolve("a/b"));
    Files.writeString(classes.resolve("a/b/C.class"), "code");
    Path jar = Files.writeString(folder.resolve("x.jar"), "jar");
    Path other = Files.createDirectories(folder.resolve("other"));
    Path sameName = Files.writeString(other.resolve("x.jar"), "another jar");
    List<Path> classPath = List.of(classes, jar, sameName);

    Program program = Program.of(classPath);
    Path archive = folder.resolve(program.file());
    try (var out = Files.newOutputStream(archive)) {
      Program.write(classPath, out);
    }
    Path there = Files.createDirectories(folder.resolve("there"));
    Program.unpack(archive, there);

    String[] unpacked = program.classPath(there).split(File.pathSeparator);
    assertThat(unpacked).hasSize(3);
    assertThat(Path.of(unpacked[0]).resolve("a/b/C.class")).hasContent("code");
    assertThat(Path.of(unpacked[1])).hasFileName("x.jar").hasContent("jar");
    assertThat(Path.of(unpacked[2])).hasFileName("x.jar").hasContent("another jar");
  }

  @Test
  void theNameTellsTheContent() throws Exception {
    Path jar = Files.writeString(folder.resolve("x.jar"), "jar");
    String before = Program.of(List.of(jar)).name();
    ByteArrayOutputStream first = new ByteArrayOutputStream();
    Program.write(List.of(jar), first);
    ByteArrayOutputStream second = new ByteArrayOutputStream();
    Program.write(List.of(jar), second);
    assertThat(first.toByteArray()).isEqualTo(second.toByteArray());
    assertThat(Program.of(List.of(jar)).name()).isEqualTo(before);
    Files.writeString(jar, "raj");
    assertThat(Program.of(List.of(jar)).name()).isNotEqualTo(before);
  }
}
