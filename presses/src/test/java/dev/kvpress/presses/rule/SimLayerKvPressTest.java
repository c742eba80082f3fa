package dev.kvpress.presses.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.AttentionOf;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.GoldenCases;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.testdata.Golden;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SimLayerKvPressTest {
  private static final SyntheticLayer.Shape SHAPE = new SyntheticLayer.Shape(2, 1, 1, 20, 4);

  @Test
  void findsALayerAsLazyAsTheOriginalDoes() {
    JsonNode golden = Golden.load("think_simlayer");
    SyntheticLayer layer = GoldenCases.layer(golden, "a");
    AttentionOf.fill(layer, golden.at("/inputs/a"));
    for (JsonNode goldenCase : golden.get("cases")) {
      JsonNode params = goldenCase.get("params");
      if (!goldenCase.has("lazy_score")) {
        continue;
      }
      SimLayerKvPress press =
          new SimLayerKvPress(
              params.get("lazy_threshold").asDouble(),
              params.get("n_last").asInt(),
              params.get("n_recent").asInt(),
              params.get("n_initial").asInt());
      LayerSignals signals = layer.prefill(press.needs());
      double mean = (press.laziness(signals, 0) + press.laziness(signals, 1)) / 2;
      assertThat(mean).isCloseTo(goldenCase.get("lazy_score").asDouble(), within(2e-4));
      assertThat(press.compress(signals, Budget.FULL).kept()).isEmpty();
    }
  }

  /** Row 0 looks at the first and last tokens only, row 1 at the middle. */
  private static SyntheticLayer oneLazyRow() {
    SyntheticLayer layer = SyntheticLayer.random(SHAPE, 1);
    int lastRow = 19 * 20;
    Arrays.fill(layer.attention, lastRow, lastRow + 20, 0);
    layer.attention[lastRow] = 0.5f;
    layer.attention[lastRow + 17] = 0.5f;
    int other = 400 + lastRow;
    Arrays.fill(layer.attention, other, other + 20, 0);
    layer.attention[other + 8] = 1;
    return layer;
  }

  @Test
  void cutsALazyRowToItsFirstAndMostRecentTokens() {
    SimLayerKvPress press = new SimLayerKvPress(0.9, 1, 5, 2);
    CacheEdit edit = press.compress(oneLazyRow().prefill(press.needs()), Budget.FULL);
    assertThat(edit.kept().orElseThrow().of(0, 0)).containsExactly(0, 1, 16, 17, 18, 19);
    assertThat(edit.kept().orElseThrow().count(1, 0)).isEqualTo(20);
  }

  @Test
  void neverGrowsTheCacheWhereTheRecentTokensAreTheLastQueries() {
    SimLayerKvPress press = new SimLayerKvPress(0.4, 1, 1, 2);
    CacheEdit edit = press.compress(oneLazyRow().prefill(press.needs()), Budget.FULL);
    assertThat(edit.kept().orElseThrow().of(0, 0)).containsExactly(0, 1);
  }

  @Test
  void saysThatAShortContextStays() {
    SimLayerKvPress press = new SimLayerKvPress(0.1, 1, 1024, 4);
    CacheEdit edit = press.compress(oneLazyRow().prefill(press.needs()), Budget.FULL);
    assertThat(edit.changesNothing()).isTrue();
    assertThat(edit.notices()).singleElement().asString().contains("1029 tokens");
  }
}
