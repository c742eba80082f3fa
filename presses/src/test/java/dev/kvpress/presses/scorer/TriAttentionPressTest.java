package dev.kvpress.presses.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ReferenceFigures;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.presses.testing.SyntheticLayer.Shape;
import dev.kvpress.testdata.Golden;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TriAttentionPressTest {
  static Iterable<JsonNode> figures() {
    return ReferenceFigures.load("relatives/triattention.json").get("cases");
  }

  @ParameterizedTest
  @MethodSource("figures")
  void scoresAndKeepsWhatTheOriginalDoes(JsonNode figures) {
    int farthest = figures.get("offset_max_length").asInt();
    TriAttentionPress press = new TriAttentionPress(farthest, true);
    Budget budget = Budget.tokens(figures.get("budget").asInt());
    for (int l = 0; l < 2; l++) {
      JsonNode given = figures.get("layers").get(l);
      LayerSignals layer = layer(figures, given);
      JsonNode expected = given.get("scores_of_query_heads");
      for (int g = 0; g < layer.kvHeads(); g++) {
        double[][] own = new TurnedCentres(layer, 0, g, farthest).scores(layer.length(0, g));
        for (int h = 0; h < own.length; h++) {
          float[] scores = Golden.floats(expected.get(g * own.length + h));
          for (int j = 0; j < scores.length; j++) {
            // The original reckons phases of 65,536 positions in single precision.
            assertThat(own[h][j]).isCloseTo(scores[j], within(1e-3 + 1e-4 * Math.abs(scores[j])));
          }
        }
        assertThat(press.compress(layer, budget).kept().orElseThrow().of(0, g))
            .as("layer %d, head %d", l, g)
            .containsExactly(Golden.ints(figures.get("kept").get(l).get(g)));
      }
    }
  }

  /** The tokens that are there of those that have passed, at their positions. */
  private static LayerSignals layer(JsonNode figures, JsonNode given) {
    int heads = figures.get("H").asInt();
    int kvHeads = figures.get("Hkv").asInt();
    int size = figures.get("D").asInt();
    int tokens = figures.get("T").asInt();
    LayerLedger ledger = new LayerLedger(1, heads, kvHeads, false, 0);
    ledger.append(figures.get("seen").asInt());
    LayerSignals whole = LayerSignals.of(ledger).build();
    ledger.apply(CacheEdit.keep(whole, (b, g) -> Golden.ints(given.get("positions").get(g))));
    float[] keys = Golden.floats(given.get("keys"));
    double[] frequencies = doubles(figures.get("inverse_frequencies"));
    return LayerSignals.of(ledger)
        .step(Phase.DECODE, 1)
        .keys(() -> HeadVectors.dense(keys, 1, kvHeads, tokens, size))
        .rotary(new RotaryParameters(frequencies, figures.get("attention_scaling").asDouble()))
        .auxiliary(
            TriAttentionPress.MEAN,
            () -> FloatTensor.of(Golden.floats(given.get("query_mean")), heads, size))
        .auxiliary(
            TriAttentionPress.LENGTH,
            () -> FloatTensor.of(Golden.floats(given.get("query_length")), heads, size))
        .build();
  }

  private static double[] doubles(JsonNode numbers) {
    double[] values = new double[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.get(i).asDouble();
    }
    return values;
  }

  /** By the formula: keys turned back, phases added up. */
  @ParameterizedTest
  @CsvSource({"3,false", "3,true", "5,false", "0,false"})
  void isTheSeriesOfTheFormulaWhateverIsTurned(int pairs, boolean interleaved) {
    int size = 10;
    int tokens = 20;
    Random random = new Random(2);
    double[] frequencies = new double[pairs];
    for (int f = 0; f < pairs; f++) {
      frequencies[f] = Math.pow(50, -f / 3.0);
    }
    RotaryParameters rotary = new RotaryParameters(frequencies, 1.25, interleaved);
    float[] mean = normal(random, size);
    float[] length = new float[size];
    for (int c = 0; c < size; c++) {
      length[c] = 3 + c % 2;
    }
    for (int f = 0; f < pairs; f++) {
      length[rotary.second(f)] = length[rotary.first(f)];
    }
    float[] plain = normal(random, tokens * size);
    float[] cached = new float[plain.length];
    double[] expected = new double[tokens];
    for (int j = 0; j < tokens; j++) {
      double[] key = new double[size];
      for (int c = 0; c < size; c++) {
        key[c] = plain[j * size + c];
      }
      expected[j] = series(key, mean, length, rotary, tokens - j);
      rotary.rotate(key, j);
      for (int c = 0; c < size; c++) {
        cached[j * size + c] = (float) key[c];
      }
    }
    LayerLedger ledger = new LayerLedger(1, 1, 1, false, 0);
    ledger.append(tokens);
    LayerSignals layer =
        LayerSignals.of(ledger)
            .keys(() -> HeadVectors.dense(cached, 1, 1, tokens, size))
            .rotary(rotary)
            .auxiliary(TriAttentionPress.MEAN, () -> FloatTensor.of(mean, 1, size))
            .auxiliary(TriAttentionPress.LENGTH, () -> FloatTensor.of(length, 1, size))
            .build();

    Scores scores = new TriAttentionPress(9, false).score(layer, Budget.FULL);

    for (int j = 0; j < tokens; j++) {
      assertThat((double) scores.get(0, 0, j)).isCloseTo(expected[j], within(1e-4));
    }
  }

  private static double series(
      double[] key, float[] mean, float[] length, RotaryParameters rotary, int distance) {
    double score = 0;
    double scale = rotary.attentionScaling() * rotary.attentionScaling();
    for (int f = 0; f < rotary.pairs(); f++) {
      int one = rotary.first(f);
      int other = rotary.second(f);
      double ofKey = Math.hypot(key[one], key[other]);
      double ofMean = Math.hypot(mean[one], mean[other]);
      double angle = Math.atan2(mean[other], mean[one]) - Math.atan2(key[other], key[one]);
      for (int offset : new int[] {1, 2, 4, 8}) {
        double phase = rotary.inverseFrequency(f) * (distance + offset) + angle;
        score += scale * ofMean * ofKey * Math.cos(phase) / 4;
      }
      score += scale * (length[one] - ofMean) * ofKey;
    }
    for (int c = 2 * rotary.pairs(); c < key.length; c++) {
      score += mean[c] * key[c] + (length[c] - Math.abs(mean[c])) * Math.abs(key[c]);
    }
    return score;
  }

  private static float[] normal(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  @Test
  void refusesStatisticsOfAnotherModel() {
    SyntheticLayer layer = SyntheticLayer.random(new Shape(1, 2, 2, 20, 8), 1);
    layer.auxiliaries.put(TriAttentionPress.MEAN, FloatTensor.of(new float[12], 3, 4));
    TriAttentionPress press = new TriAttentionPress(64, true);
    assertThatThrownBy(() -> press.score(layer.prefill(press.needs()), Budget.ratio(0.5)))
        .hasMessageContaining("triattention.query_mean")
        .hasMessageContaining("[4, 8]")
        .hasMessageContaining("[3, 4]");
  }
}
