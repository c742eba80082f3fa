package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every architecture against numbers of the original modelling code, in both forms of attention:
 * logits, attentions, cache, continuation on the full cache and on pruned ones at true positions;
 * tolerance 2e-4 · (1 + |reference|).
 */
@Tag(TestProvider.TAG)
class ArchitectureReferenceTest {
  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void decomposedFormAgreesEverywhere(Path folder) throws Exception {
    JsonNode reference = ReferenceFolders.reference(folder);
    ExportedModel model = ExportCache.of(cache).export(folder);
    prefillAgrees(model, AttentionForm.DECOMPOSED, reference);
    try (GraphRunner runner = GraphRunner.open(model.decomposed())) {
      Map<String, Tensor> prefill = runner.pass(ids(reference)).run();
      for (String call : List.of("call2", "call2_pruned", "call2_pruned_by_layer")) {
        assertContinues(runner, prefill, reference, call);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void fusedFormAgreesWhereItIsUsed(Path folder) throws Exception {
    JsonNode reference = ReferenceFolders.reference(folder);
    ExportedModel model = ExportCache.of(cache).export(folder);
    assumeFalse(!model.config().fusable(), "the fused operator cannot compute this model");
    prefillAgrees(model, AttentionForm.FUSED, reference);
    boolean windows =
        model.config().plan().stream().anyMatch(layer -> layer.attention().window() > 0);
    try (GraphRunner runner = GraphRunner.open(model.fused())) {
      Map<String, Tensor> prefill = runner.pass(ids(reference)).run();
      assertContinues(runner, prefill, reference, "call2");
      if (!windows) {
        // With windows the runtime takes the other form once something has been removed.
        assertContinues(runner, prefill, reference, "call2_pruned");
        assertContinues(runner, prefill, reference, "call2_pruned_by_layer");
      }
    }
  }

  private static void prefillAgrees(ExportedModel model, AttentionForm form, JsonNode reference)
      throws OrtException {
    TapRequest tap = TapRequest.NONE.withFullAttention();
    try (GraphRunner runner = GraphRunner.open(model.graph(form), tap)) {
      Map<String, Tensor> out = runner.pass(ids(reference)).run();
      assertClose("logits", out.get("logits"), reference.get("logits"));
      for (int layer = 0; layer < model.config().layers(); layer++) {
        assertClose(
            "attention of layer " + layer,
            out.get("attentions." + layer),
            reference.get("attentions").get(layer));
      }
      if (form == AttentionForm.DECOMPOSED) {
        JsonNode past = reference.get("past_layer0");
        assertClose("keys", out.get("present.0.key"), past.get("key"));
        assertClose("values", out.get("present.0.value"), past.get("value"));
      }
    }
    TapRequest rows = TapRequest.NONE.withLastRows(3);
    try (GraphRunner runner = GraphRunner.open(model.graph(form), rows)) {
      Map<String, Tensor> out = runner.pass(ids(reference)).run();
      for (int layer = 0; layer < model.config().layers(); layer++) {
        assertLastRows(
            out.get("attention_rows." + layer), reference.get("attentions").get(layer).get(0));
      }
    }
  }

  private static void assertLastRows(Tensor rows, JsonNode perHead) {
    int window = rows.dim(2);
    int width = rows.dim(3);
    for (int h = 0; h < rows.dim(1); h++) {
      JsonNode all = perHead.get(h);
      for (int i = 0; i < window; i++) {
        JsonNode row = all.get(all.size() - window + i);
        for (int t = 0; t < width; t++) {
          assertThat(rows.data()[(h * window + i) * width + t])
              .isCloseTo(row.get(t).floatValue(), org.assertj.core.data.Offset.offset(4e-4f));
        }
      }
    }
  }

  private static void assertContinues(
      GraphRunner runner, Map<String, Tensor> prefill, JsonNode reference, String name)
      throws OrtException {
    JsonNode call = reference.get(name);
    long[] positions = longs(call.get("position_ids").get(0));
    GraphRunner.Pass pass = runner.pass(ids(call)).positions(positions);
    JsonNode kept = call.get("kept");
    for (int layer = 0; layer < runner.ports().layers().size(); layer++) {
      int[] rows =
          kept == null
              ? IntStream.range(0, (int) positions[0]).toArray()
              : ints(kept.get(0).isArray() ? kept.get(layer) : kept);
      String present = "present." + layer;
      pass.cache(
          layer,
          prefill.get(present + ".key").rows(rows),
          prefill.get(present + ".value").rows(rows));
      pass.cachePositions(layer, rows);
    }
    assertClose("logits of " + name, pass.run().get("logits"), call.get("logits"));
  }

  static void assertClose(String what, Tensor actual, JsonNode expected) {
    float[] flat = new float[actual.data().length];
    int count = flatten(expected, flat, 0);
    assertThat(count).as(what).isEqualTo(flat.length);
    for (int i = 0; i < flat.length; i++) {
      assertThat(Math.abs(actual.data()[i] - flat[i]))
          .as("%s, element %d: %s against %s", what, i, actual.data()[i], flat[i])
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
    return longs(call.get("input_ids").get(0));
  }

  private static long[] longs(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToLong(JsonNode::longValue).toArray();
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
  }
}
