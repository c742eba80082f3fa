package dev.kvpress.presses;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.testdata.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Non-causal attention, leverage and both together against the figures of the original code. */
class GoldenCompactorTest {
  private static final Map<String, String> NAMES =
      Map.of(
          "NonCausalAttnPress", "non_causal_attn",
          "LeverageScorePress", "leverage_score",
          "CompactorPress", "compactor");

  @Test
  void agreesWithTheOriginal() {
    JsonNode golden = Golden.load("compactor");
    for (JsonNode goldenCase : golden.get("cases")) {
      SyntheticLayer layer = GoldenCases.layer(golden, "a");
      JsonNode in = golden.at("/inputs/a");
      AttentionOf.fill(layer, in);
      SyntheticLayer.Shape shape = layer.shape;
      // The file's keys are not the rotation of what its projection gives.
      layer.auxiliaries.put(
          "keys_pre_rope",
          FloatTensor.of(
              AttentionOf.heads(layer, in, "k_proj", shape.kvHeads()),
              shape.batch(),
              shape.kvHeads(),
              shape.tokens(),
              shape.headSize()));
      if (goldenCase.has("randn_phi")) {
        JsonNode sketch = goldenCase.get("randn_phi");
        layer.auxiliaries.put(
            "random_sketch", FloatTensor.of(Golden.floats(sketch), Golden.shape(sketch)));
      }
      List<String> parts = new ArrayList<>();
      for (Map.Entry<String, JsonNode> entry : goldenCase.get("params").properties()) {
        parts.add(entry.getKey() + "=" + (entry.getValue().isNull() ? "None" : entry.getValue()));
      }
      String spec =
          NAMES.get(goldenCase.get("kind").asText()) + "(" + String.join(",", parts) + ")";
      ScorerPress press = (ScorerPress) PressCatalog.load().make(spec).press();
      LayerSignals signals = layer.prefill(press.needs());
      for (JsonNode entry : goldenCase.get("kept")) {
        Budget budget = Budget.ratio(entry.get("compression_ratio").asDouble());
        // Standardised scores pass through zero; the original's float32 is that far from exact.
        GoldenCases.assertScores(press.score(signals, budget), goldenCase.get("scores"), 5e-6);
        GoldenCases.assertKept(press.compress(signals, budget), entry, goldenCase.get("scores"));
      }
    }
  }
}
