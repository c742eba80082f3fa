package dev.kvpress.runtime.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.ExportOptions;
import dev.kvpress.runtime.export.ModelExporter;
import dev.kvpress.runtime.export.RandomFolder;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.pack.PackedCopy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Further sessions over a graph of some 50 to 150 MB of weights take little memory of their own.
 * Linux only.
 */
@Tag("long")
class SessionMemoryTest {
  private static final Path SMAPS = Path.of("/proc/self/smaps_rollup");
  private static final int SESSIONS = 6;

  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 1024,
       "intermediate_size": 2816, "num_hidden_layers": 4, "num_attention_heads": 16,
       "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 2000, "hidden_act": "silu",
       "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
       "tie_word_embeddings": true}
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      value = WeightFormat.class,
      names = {"F32", "INT8"})
  void furtherSessionsMapTheWeights(WeightFormat format) throws Exception {
    assumeTrue(Files.isReadable(SMAPS), "memory is read from " + SMAPS);
    Path file = folder.resolve("inside.onnx");
    ModelExporter.export(
        Checkpoint.open(RandomFolder.write(folder.resolve("model"), CONFIG, 1)),
        file,
        new ExportOptions(AttentionForm.FUSED, TapRequest.NONE, 1 << 30, false, format));
    long weights = Files.size(file);
    assertThat(weights).isGreaterThan(40L << 20);
    long alone = growthInFreshProcess(file, "");
    long mapped = growthInFreshProcess(file, folder.resolve("cache").toString());
    assertThat(alone)
        .as("anonymous bytes of a further session that maps nothing over %,d of weights", weights)
        .isGreaterThan(weights / 2);
    assertThat(mapped)
        .as("anonymous bytes of a further session over %,d of weights", weights)
        .isLessThan(weights / 5);
  }

  /** Memory that was used and given back is used again without growth, so none must be before. */
  private static long growthInFreshProcess(Path file, String cache)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                SessionMemoryTest.class.getName(),
                file.toString(),
                cache)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return Long.parseLong(printed.strip());
  }

  /**
   * Prints the median growth by a session over a file, with a copy in a cache where one is named.
   */
  public static void main(String[] arguments) throws IOException {
    SessionFactory sessions = new OrtSessionFactory(Provider.CPU, 0, 1);
    TappedGraph graph = GraphTap.tap(DecoderGraph.read(Path.of(arguments[0])), TapRequest.NONE);
    if (!arguments[1].isEmpty()) {
      PackedCopy copy =
          PackedCopy.of(
                  graph,
                  "hash",
                  sessions.packer().orElseThrow(),
                  Path.of(arguments[1]),
                  PackedCopy.WORTH_BYTES)
              .orElseThrow();
      sessions = new SharedSessions(sessions, copy);
    }
    long[] growths = new long[SESSIONS - 1];
    List<StepSession> open = new ArrayList<>(List.of(sessions.open(graph)));
    long before = anonymous();
    for (int i = 0; i < growths.length; i++) {
      open.add(sessions.open(graph));
      long after = anonymous();
      growths[i] = after - before;
      before = after;
    }
    open.forEach(StepSession::close);
    Arrays.sort(growths);
    System.out.println(growths[growths.length / 2]);
  }

  private static long anonymous() throws IOException {
    for (String line : Files.readAllLines(SMAPS)) {
      if (line.startsWith("Anonymous:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException("no Anonymous in " + SMAPS);
  }
}
