package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs with signals, as other programs run them. */
class TapCommandTest {
  private static final Path GRAPHS =
      Path.of(System.getProperty("kvpress.root"), "test-data/reference/graphs");

  @TempDir Path folder;
  private Path graph;

  @BeforeEach
  void copy() throws Exception {
    graph = folder.resolve("in.onnx");
    Files.copy(GRAPHS.resolve("optimum.onnx"), graph);
    Files.copy(GRAPHS.resolve("weights.bin"), folder.resolve("weights.bin"));
  }

  private Run tap(Path model, Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "tap",
                "--cache-dir",
                folder.resolve("cache").toString(),
                "--model",
                model.toString(),
                "--output",
                output.toString()));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  @Test
  void theFirstOutputsStayAndSumsAreThoseOfTheAttention() throws Exception {
    Path out = folder.resolve("out.onnx");

    Run run = tap(graph, out, "--signals", "sums", "attentions", "rows:2,queries(3)");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().strip()).isEqualTo(out.toString());
    assertThat(run.err()).contains("8 further outputs: attention_sums.0", "shares the weights in");
    Map<String, float[]> before = run(graph);
    Map<String, float[]> after = run(out);
    assertThat(List.copyOf(after.keySet()).subList(0, before.size()))
        .isEqualTo(List.copyOf(before.keySet()));
    before.forEach((name, values) -> assertThat(after.get(name)).as(name).isEqualTo(values));
    float[] attention = after.get("attentions.1");
    float[] sums = after.get("attention_sums.1");
    for (int i = 0; i < sums.length; i++) {
      int head = i / 4;
      float sum = 0;
      for (int q = 0; q < 4; q++) {
        sum += attention[(head * 4 + q) * 4 + i % 4];
      }
      assertThat(sums[i]).isCloseTo(sum, org.assertj.core.data.Offset.offset(1e-5f));
    }
  }

  @Test
  void weightsAreCopiedToAnotherFolder() throws Exception {
    Path out = folder.resolve("elsewhere/out.onnx");

    Run run = tap(graph, out, "--signals", "attention_sums");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("copied weights to");
    assertThat(out.resolveSibling("weights.bin"))
        .hasSameBinaryContentAs(folder.resolve("weights.bin"));
    assertThat(run(out)).containsKey("attention_sums.1");
  }

  @Test
  void nothingIsWrittenOver() throws Exception {
    Run run =
        tap(graph, Files.writeString(folder.resolve("mine.onnx"), "mine"), "--signals", "sums");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--output:", "mine.onnx exists already");
    assertThat(folder.resolve("mine.onnx")).hasContent("mine");
  }

  @Test
  void noneBesideASignalIsRefused() {
    Path out = folder.resolve("out.onnx");

    Run run = tap(graph, out, "--signals", "None", "attentions");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--signals: expected none alone", "found None, attentions");
    assertThat(out).doesNotExist();
  }

  @Test
  void everythingWrongIsSaidAtOnce() {
    Run run =
        tap(graph, folder.resolve("out.onnx"), "--signals", "atention_sums", "rows", "queries:0");
    Run nothing = Run.of("tap");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).hasSize(3);
    assertThat(run.err())
        .contains(
            "unknown signal 'atention_sums', did you mean 'attention_sums'?",
            "expected attention_rows:W",
            "found 'queries:0'");
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err())
        .contains("--model: expected", "--output: expected", "--signals: expected");
  }

  @Test
  void aSignalThatDoesNotFollowIsRefusedWithTheReason() {
    Path blind =
        Path.of(
            System.getProperty("kvpress.shared", "../shared"),
            "models/tiny-kv-decoder-onnx/decoder.onnx");
    Assumptions.assumeTrue(Files.exists(blind), "shared data absent");

    Run run = tap(blind, folder.resolve("out.onnx"), "--signals", "sums");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("decoder.onnx cannot give attention column sums: ", "found 0 for layer 1");
    assertThat(folder.resolve("out.onnx")).doesNotExist();
  }

  @Test
  void aCheckpointIsNoGraph() throws Exception {
    Path checkpoint = Files.createDirectories(folder.resolve("checkpoint"));

    Run run = tap(checkpoint, folder.resolve("out.onnx"), "--signals", "sums");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("expected an ONNX graph", "bin/compare export");
  }

  @Test
  void theBranchOfAMergedDecoderIsGoneAndSaidToBe() throws Exception {
    Path merged = folder.resolve("merged.onnx");
    Files.copy(GRAPHS.resolve("merged.onnx"), merged);

    Run run = tap(merged, folder.resolve("out.onnx"), "--signals", "sums");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("input use_cache_branch is gone");
    assertThat(run(folder.resolve("out.onnx"))).containsKey("attention_sums.0");
  }

  /** Four tokens over an empty cache. */
  private static Map<String, float[]> run(Path file) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    Map<String, float[]> outputs = new LinkedHashMap<>();
    try (OrtSession session = environment.createSession(file.toString())) {
      for (String name : session.getInputNames()) {
        long[] values =
            switch (name) {
              case "input_ids" -> new long[] {5, 17, 3, 29};
              case "attention_mask" -> new long[] {1, 1, 1, 1};
              default -> new long[] {0, 1, 2, 3};
            };
        inputs.put(
            name,
            name.startsWith("past")
                ? OnnxTensor.createTensor(
                    environment, FloatBuffer.allocate(0), new long[] {1, 2, 0, 16})
                : OnnxTensor.createTensor(environment, LongBuffer.wrap(values), new long[] {1, 4}));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        for (var output : result) {
          FloatBuffer data = ((OnnxTensor) output.getValue()).getFloatBuffer();
          float[] copy = new float[data.remaining()];
          data.get(copy);
          outputs.put(output.getKey(), copy);
        }
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
    return outputs;
  }
}
