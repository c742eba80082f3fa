package dev.kvpress.presses.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.testdata.Golden;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PyramidKvBudgetTest {
  @Test
  void givesEachLayerTheBudgetOfTheOriginal() {
    for (JsonNode goldenCase : Golden.load("pyramidkv").get("cases")) {
      if (!goldenCase.get("kind").asText().equals("budgets")) {
        continue;
      }
      JsonNode params = goldenCase.get("params");
      int tokens = params.get("q_len").asInt();
      int layers = params.get("num_hidden_layers").asInt();
      double mean = tokens * (1.0 - params.get("compression_ratio").asDouble());
      PyramidKvPress press =
          new PyramidKvPress(params.get("window_size").asInt(), 5, params.get("beta").asInt());
      assertThat(
              IntStream.range(0, layers)
                  .map(layer -> press.layerBudget(tokens, mean, layer, layers))
                  .toArray())
          .isEqualTo(Golden.ints(goldenCase.get("budgets")));
    }
  }

  @Test
  void givesASingleLayerTheMean() {
    assertThat(new PyramidKvPress(8, 5, 20).layerBudget(100, 40, 0, 1)).isEqualTo(40);
  }
}
