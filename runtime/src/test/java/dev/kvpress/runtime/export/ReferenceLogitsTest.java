package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The exported model against numbers of the original modelling code; tolerance 2e-4 · (1 +
 * |reference|).
 */
class ReferenceLogitsTest {
  private static final String MODEL = "models/hf-tiny/llama-gqa";

  @TempDir Path cache;
  private JsonNode reference;
  private ExportedModel model;

  @BeforeEach
  void export() throws IOException {
    Path folder = SharedModels.path(MODEL);
    reference = JsonMapper.builder().build().readTree(folder.resolve("reference.json").toFile());
    model = ExportCache.of(cache).export(folder);
  }

  @Test
  void prefillAgreesInAttentionsLogitsAndCache() throws OrtException {
    try (GraphRunner runner =
        GraphRunner.open(model.decomposed(), TapRequest.NONE.withFullAttention())) {
      Map<String, Tensor> out = runner.pass(ids(reference)).run();
      assertClose(out.get("logits"), reference.get("logits"));
      for (int layer = 0; layer < 2; layer++) {
        assertClose(out.get("attentions." + layer), reference.get("attentions").get(layer));
      }
      assertClose(out.get("present.0.key"), reference.get("past_layer0").get("key"));
      assertClose(out.get("present.0.value"), reference.get("past_layer0").get("value"));

      JsonNode full = reference.get("call2");
      Map<String, Tensor> next =
          runner.pass(ids(full)).positions(GraphRunner.range(24, 28)).after(out).run();
      assertClose(next.get("logits"), full.get("logits"));
      for (int layer = 0; layer < 2; layer++) {
        assertClose(next.get("attentions." + layer), full.get("attentions").get(layer));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FOREIGN")
  void continuationAgreesOnFullAndPrunedCaches(AttentionForm form) throws OrtException {
    try (GraphRunner runner = GraphRunner.open(model.graph(form))) {
      Map<String, Tensor> out = runner.pass(ids(reference)).run();
      assertClose(out.get("logits"), reference.get("logits"));
      int[] all = IntStream.range(0, 24).toArray();
      assertContinues(runner, out, reference.get("call2"), all, all);

      JsonNode pruned = reference.get("call2_pruned");
      int[] kept = ints(pruned.get("kept"));
      assertContinues(runner, out, pruned, kept, kept);

      JsonNode perLayer = reference.get("call2_pruned_by_layer");
      assertContinues(
          runner,
          out,
          perLayer,
          ints(perLayer.get("kept").get(0)),
          ints(perLayer.get("kept").get(1)));
    }
  }

  private static void assertContinues(
      GraphRunner runner, Map<String, Tensor> prefill, JsonNode call, int[]... kept)
      throws OrtException {
    GraphRunner.Pass pass = runner.pass(ids(call)).positions(GraphRunner.range(24, 28));
    for (int layer = 0; layer < kept.length; layer++) {
      String present = "present." + layer;
      pass.cache(
          layer,
          prefill.get(present + ".key").rows(kept[layer]),
          prefill.get(present + ".value").rows(kept[layer]));
    }
    assertClose(pass.run().get("logits"), call.get("logits"));
  }

  static void assertClose(Tensor actual, JsonNode expected) {
    float[] flat = new float[actual.data().length];
    int count = flatten(expected, flat, 0);
    assertThat(count).isEqualTo(flat.length);
    for (int i = 0; i < flat.length; i++) {
      assertThat(Math.abs(actual.data()[i] - flat[i]))
          .as("element %d: %s against %s", i, actual.data()[i], flat[i])
          .isLessThanOrEqualTo(2e-4f * (1 + Math.abs(flat[i])));
    }
  }

  private static int flatten(JsonNode node, float[] into, int start) {
    if (node.isNumber()) {
      into[start] = node.floatValue();
      return start + 1;
    }
    int at = start;
    for (JsonNode child : node) {
      at = flatten(child, into, at);
    }
    return at;
  }

  private static long[] ids(JsonNode call) {
    return StreamSupport.stream(call.get("input_ids").get(0).spliterator(), false)
        .mapToLong(JsonNode::longValue)
        .toArray();
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
  }
}
