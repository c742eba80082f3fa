package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.ExportOptions;
import dev.kvpress.runtime.export.ModelExporter;
import dev.kvpress.runtime.export.RandomFolder;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A graph with 20 MB of weights inside, which sessions map from a copy in the cache. */
class CopiedWeightsTest {
  private static final int[] PROMPT = {1, 5, 9, 2, 7, 3, 8, 4, 6, 10, 0, 5};

  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512,
       "intermediate_size": 1408, "num_hidden_layers": 6, "num_attention_heads": 8,
       "num_key_value_heads": 4, "head_dim": 64, "vocab_size": 500, "hidden_act": "silu",
       "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
       "tie_word_embeddings": true}
      """;

  @TempDir static Path folder;
  private static Path graph;

  @BeforeAll
  static void writeGraph() throws IOException {
    graph = folder.resolve("inside.onnx");
    ModelExporter.export(
        Checkpoint.open(RandomFolder.write(folder.resolve("model"), CONFIG, 1)),
        graph,
        new ExportOptions(
            AttentionForm.DECOMPOSED, TapRequest.NONE, 1 << 30, false, WeightFormat.INT8));
  }

  /** Logits behind the prompt and behind a cut, and what was said. */
  private record Run(float[][] whole, float[][] cut, List<String> said) {
    static Run over(Path cache) {
      ModelPress press = PressCatalog.load().make("criticalkv(h2o)").press();
      try (DecoderModel model = DecoderModel.open(graph, DecodeFixtures.oneThread(cache));
          Context context = model.start(1, press.needs())) {
        model.requirePress("criticalkv(h2o)", press, 64);
        float[][] whole = DecodeFixtures.rows(context.prefill(PROMPT, 7));
        context.compress(press, Budget.ratio(0.5));
        float[][] cut = DecodeFixtures.rows(context.forward(3));
        return new Run(whole, cut, model.notices().stream().map(Remark::text).toList());
      }
    }
  }

  private static List<Path> copies(Path cache) throws IOException {
    try (var found = Files.walk(cache)) {
      return found.filter(file -> file.endsWith("references.pb")).toList();
    }
  }

  @Test
  void oneCopyIsMadeAndNothingElseChanges() throws IOException {
    Path cache = folder.resolve("cache");
    Run first = Run.over(cache);
    assertThat(copies(cache)).hasSize(1);
    Run second = Run.over(cache);
    assertThat(copies(cache)).hasSize(1);
    Run without = Run.over(Files.createFile(folder.resolve("file")).resolve("cache"));
    assertThat(first.said()).isEmpty();
    assertThat(without.said())
        .singleElement()
        .asString()
        .contains("weights are held once for each session");
    for (Run run : List.of(second, without)) {
      assertThat(run.whole()).isDeepEqualTo(first.whole());
      assertThat(run.cut()).isDeepEqualTo(first.cut());
    }
  }
}
