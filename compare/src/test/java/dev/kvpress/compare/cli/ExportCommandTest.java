package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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

  @Test
  void whatExistsIsWrittenOverOnlyWhenAskedFor() throws Exception {
    Path graph = Files.writeString(folder.resolve("demo.onnx"), "mine");
    Path data = Files.writeString(folder.resolve("demo.onnx.data"), "mine too");
    String[] export = {
      "export",
      "--model",
      AtHome.ROOT.resolve("test-data/models/demo").toString(),
      "--output",
      graph.toString(),
      "--force"
    };

    Run refused = Run.of(Arrays.copyOf(export, export.length - 1));

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains("demo.onnx exists already", "demo.onnx.data exists already", "--force");
    assertThat(graph).hasContent("mine");
    assertThat(data).hasContent("mine too");
    Run forced = Run.of(export);
    assertThat(forced.code()).as(forced.err()).isZero();
    assertThat(Files.size(graph)).isGreaterThan(10_000);
  }
}
