package dev.kvpress.presses.rule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.GoldenCases;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.ReferenceFigures;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.scorer.DefensiveScores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.presses.testing.SyntheticLayer.Shape;
import dev.kvpress.testdata.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DefensiveKvPressTest {
  static Iterable<JsonNode> figures() {
    return ReferenceFigures.load("relatives/defensivekv.json").get("cases");
  }

  @ParameterizedTest
  @MethodSource("figures")
  void scoresAndKeepsWhatTheOriginalDoes(JsonNode figures) {
    int window = figures.get("window").asInt();
    int kernel = figures.get("kernel").asInt();
    Budget budget = Budget.ratio(figures.get("ratio").asDouble());
    DefensiveScores scorer = new DefensiveScores(window, kernel);
    List<LayerSignals> layers = new ArrayList<>();
    for (JsonNode layer : figures.get("layers")) {
      layers.add(layer(figures, layer).prefill(scorer.needs()));
    }
    for (int l = 0; l < layers.size(); l++) {
      Scores scores = scorer.score(layers.get(l), budget);
      GoldenCases.assertScores(scores, figures.get("scores").get(l), 1e-8);
    }

    ModelPress press =
        layers.size() == 1
            ? new DefensiveKvPress(window, kernel)
            : new LayerDefensiveKvPress(window, kernel);
    List<CacheEdit> edits = press.compress(new ModelSignals(layers), budget);

    for (int l = 0; l < layers.size(); l++) {
      JsonNode kept = figures.get("kept").get(l);
      for (int g = 0; g < kept.size(); g++) {
        assertThat(edits.get(l).kept().orElseThrow().of(0, g))
            .as("layer %d, head %d", l, g)
            .containsExactly(Golden.ints(kept.get(g)));
      }
    }
  }

  /** Only the last rows of the attention are of the original, the others are never read. */
  private static SyntheticLayer layer(JsonNode figures, JsonNode given) {
    int heads = figures.get("H").asInt();
    int kvHeads = figures.get("Hkv").asInt();
    int tokens = figures.get("T").asInt();
    int size = figures.get("D").asInt();
    int window = figures.get("window").asInt();
    float[] rows = Golden.floats(given.get("attention"));
    float[] attention = new float[heads * tokens * tokens];
    for (int h = 0; h < heads; h++) {
      int last = ((h + 1) * tokens - window) * tokens;
      System.arraycopy(rows, h * window * tokens, attention, last, window * tokens);
    }
    float[] values = Golden.floats(given.get("values"));
    Shape shape = new Shape(1, kvHeads, heads / kvHeads, tokens, size);
    SyntheticLayer layer = SyntheticLayer.of(shape, new float[values.length], values, attention);
    layer.outputProjection = Golden.floats(given.get("output_projection"));
    return layer;
  }

  @Test
  void oneQueryThatNeedsATokenIsEnough() {
    SyntheticLayer layer = SyntheticLayer.random(new Shape(1, 1, 1, 120, 8), 4);
    Arrays.fill(layer.values, 1);
    Arrays.fill(layer.attention, 0);
    // The last ten queries agree on tokens 20 to 39, but one of them looks at token 70 alone.
    for (int query = 110; query < 120; query++) {
      for (int j = 20; j < 40; j++) {
        layer.attention[query * 120 + j] = query == 113 ? 0 : 0.05f;
      }
    }
    layer.attention[113 * 120 + 70] = 1;
    ModelPress press = new DefensiveKvPress(10, 1);

    int[] kept =
        press
            .compress(new ModelSignals(List.of(layer.prefill(press.needs()))), Budget.tokens(31))
            .get(0)
            .kept()
            .orElseThrow()
            .of(0, 0);

    assertThat(kept).contains(70);
  }

  @Test
  void layersThatNeedMoreGetMore() {
    ModelPress press = new LayerDefensiveKvPress(4, 1);
    List<LayerSignals> layers = new ArrayList<>();
    for (int l = 0; l < 3; l++) {
      SyntheticLayer layer = SyntheticLayer.random(new Shape(2, 2, 2, 60, 8), 30 + 2 * l);
      layer.layer = l;
      layer.layers = 3;
      for (int i = 0; l == 1 && i < layer.attention.length; i++) {
        // Queries of the middle layer look at their own tokens most.
        boolean own = i % 60 == i / 60 % 60;
        layer.attention[i] = layer.attention[i] / 8 + (own ? 0.875f : 0);
      }
      layers.add(layer.prefill(press.needs()));
    }

    List<CacheEdit> edits = press.compress(new ModelSignals(layers), Budget.ratio(0.5));

    for (int b = 0; b < 2; b++) {
      int[] sizes = new int[3];
      for (int l = 0; l < 3; l++) {
        for (int g = 0; g < 2; g++) {
          sizes[l] += edits.get(l).kept().orElseThrow().count(b, g);
        }
      }
      assertThat(Arrays.stream(sizes).sum()).isEqualTo(3 * 2 * 30);
      assertThat(sizes[1]).isLessThan(60).isLessThan(sizes[0]).isLessThan(sizes[2]);
    }
  }
}
