package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mixtures of experts: the size of their graphs, and tokens that do not touch each other. */
class SparseExpertsTest {
  private static final String MOST =
      """
      {"architectures": ["Qwen3MoeForCausalLM"], "hidden_size": 16, "intermediate_size": 8,
       "moe_intermediate_size": 4, "num_hidden_layers": 48, "num_attention_heads": 2,
       "num_key_value_heads": 1, "head_dim": 8, "vocab_size": 32, "num_experts": 128,
       "num_experts_per_tok": 8, "norm_topk_prob": true, "tie_word_embeddings": true}
      """;

  @TempDir Path folder;

  @Test
  void graphsStaySmallHoweverManyExperts() throws Exception {
    ExportedModel model = ExportCache.of(folder.resolve("cache")).export(write(MOST));

    int nodes = count(ModelProto.parseFrom(Files.readAllBytes(model.decomposed())).getGraph());
    Instant start = Instant.now();
    try (GraphRunner runner = GraphRunner.open(model.decomposed())) {
      Duration load = Duration.between(start, Instant.now());
      Map<String, Tensor> out = runner.pass(3, 1, 4, 1, 5, 9, 2, 6).run();
      System.out.printf("48 layers of 128 experts: %d nodes, loaded in %s%n", nodes, load);
      assertThat(out.get("logits").shape()).containsExactly(1, 8, 32);
    }

    assertThat(nodes).isLessThan(6000);
  }

  @Test
  void aTokenAloneGetsWhatItGetsAmongOthers() throws Exception {
    String few =
        MOST.replace(": 48", ": 2").replace(": 128", ": 6").replace("per_tok\": 8", "per_tok\": 2");
    ExportedModel model = ExportCache.of(folder.resolve("cache")).export(write(few));

    try (GraphRunner runner = GraphRunner.open(model.decomposed())) {
      Tensor together = runner.pass(3, 1, 4, 1, 5, 9).run().get("logits");
      // One token uses two of six experts, so that four are empty.
      Map<String, Tensor> step = runner.pass(3).run();
      for (int i = 0; i < 6; i++) {
        assertClose(step.get("logits"), 0, together, i);
        if (i < 5) {
          int id = new int[] {1, 4, 1, 5, 9}[i];
          step = runner.pass(id).positions(new long[] {i + 1}).after(step).run();
        }
      }
    }
  }

  private Path write(String config) throws Exception {
    return RandomFolder.write(folder.resolve("model"), config, 1);
  }

  private static void assertClose(Tensor one, int row, Tensor other, int otherRow) {
    int width = one.dim(2);
    for (int v = 0; v < width; v++) {
      assertThat(one.data()[row * width + v])
          .isCloseTo(
              other.data()[otherRow * width + v], org.assertj.core.data.Offset.offset(1e-4f));
    }
  }

  /** Nodes of a graph and of all bodies in it. */
  private static int count(GraphProto graph) {
    int nodes = 0;
    for (NodeProto node : graph.getNodeList()) {
      nodes++;
      for (AttributeProto attribute : node.getAttributeList()) {
        nodes += attribute.hasG() ? count(attribute.getG()) : 0;
      }
    }
    return nodes;
  }
}
