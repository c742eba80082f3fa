package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.testdata.Golden;
import java.nio.FloatBuffer;

/** Drives H2O with own sizes through a golden trace of {@code H2OKVCache_LayerWise}. */
final class RealDrop {
  private RealDrop() {}

  static void replay(JsonNode goldenCase) {
    JsonNode params = goldenCase.get("params");
    int heads = params.get("H").asInt();
    Press press =
        (Press)
            PressCatalog.load()
                .make(
                    "h2o(hh_size=%d,recent_size=%d,normalize=false)"
                        .formatted(
                            params.get("hh_size").asInt(), params.get("recent_size").asInt()))
                .press();
    LayerLedger ledger = new LayerLedger(1, heads, heads, true, 0);
    for (JsonNode step : goldenCase.get("trace")) {
      boolean prefill = step.get("kind").asText().equals("prefill");
      int[] shape = Golden.shape(step.get("attn"));
      int slots = shape[shape.length - 1];
      float[] attention = Golden.floats(step.get("attn"));
      int queries = prefill ? shape[1] : 1;
      ledger.append(queries);
      ledger.observeSums(FloatBuffer.wrap(columnSums(attention, heads, queries, slots)), slots);
      LayerSignals layer =
          LayerSignals.of(ledger).step(prefill ? Phase.PREFILL : Phase.DECODE, queries).build();
      ledger.apply(press.compress(layer, Budget.FULL));
      for (int g = 0; g < heads; g++) {
        assertThat(ledger.positions(0, g)).isEqualTo(Golden.ints(step.get("kept").get(g)));
        float[] sums = Golden.floats(step.get("acc_scores").get(g));
        for (int j = 0; j < sums.length; j++) {
          assertThat(ledger.attention().sum(0, g, j)).isCloseTo(sums[j], within(1e-4));
        }
      }
    }
  }

  private static float[] columnSums(float[] attention, int heads, int queries, int slots) {
    float[] sums = new float[heads * slots];
    for (int i = 0; i < attention.length; i++) {
      sums[i / (queries * slots) * slots + i % slots] += attention[i];
    }
    return sums;
  }
}
