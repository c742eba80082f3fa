package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
  @TempDir Path folder;

  @Test
  void aGraphIsSentToTheCommandForGraphs() throws Exception {
    Path graph = Files.writeString(folder.resolve("decoder.onnx"), "graph");
    Path output = folder.resolve("out.onnx");

    Run run = Run.of("export", "--model", graph.toString(), "--output", output.toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors())
        .singleElement()
        .asString()
        .contains("--model: expected a checkpoint", "decoder.onnx is a graph already", "tap");
    assertThat(output).doesNotExist();
  }
}
