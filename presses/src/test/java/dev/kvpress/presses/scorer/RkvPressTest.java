package dev.kvpress.presses.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ReferenceFigures;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.testing.PressContractTest;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.presses.testing.SyntheticLayer.Shape;
import dev.kvpress.testdata.Golden;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RkvPressTest extends PressContractTest {
  @Override
  protected ModelPress press() {
    return new RkvPress(4, 3, 0.4, 0.5);
  }

  static Iterable<JsonNode> figures() {
    return ReferenceFigures.load("relatives/rkv.json").get("cases");
  }

  @ParameterizedTest
  @MethodSource("figures")
  void scoresAndKeepsWhatTheOriginalDoes(JsonNode figures) {
    int window = figures.get("window").asInt();
    double lambda = figures.get("lambda").asDouble();
    RkvPress press = new RkvPress(window, figures.get("kernel").asInt(), lambda, 0.5);
    LayerSignals layer = layer(figures);
    Budget budget = Budget.tokens(figures.get("budget").asInt());

    Scores scores = press.score(layer, budget);

    for (int g = 0; g < layer.kvHeads(); g++) {
      float[] expected = Golden.floats(figures.at("/scores/0").get(g));
      assertThat(expected).hasSize(scores.length(0, g) - window);
      for (int j = 0; j < expected.length; j++) {
        assertThat(scores.get(0, g, j))
            .as("head %d, token %d", g, j)
            .isCloseTo(expected[j], within(1e-7f + 1e-5f * Math.abs(expected[j])));
      }
      assertThat(scores.isProtected(0, g, expected.length)).isTrue();
      assertThat(press.compress(layer, budget).kept().orElseThrow().of(0, g))
          .containsExactly(Golden.ints(figures.get("kept").get(g)));
    }
  }

  private static LayerSignals layer(JsonNode figures) {
    int heads = figures.get("H").asInt();
    int kvHeads = figures.get("Hkv").asInt();
    int tokens = figures.get("T").asInt();
    int size = figures.get("D").asInt();
    float[] keys = Golden.floats(figures.get("keys"));
    float[] queries = Golden.floats(figures.get("queries"));
    LayerLedger ledger = new LayerLedger(1, heads, kvHeads, false, 0);
    ledger.append(tokens);
    return LayerSignals.of(ledger)
        .step(Phase.PREFILL, tokens)
        .keys(() -> HeadVectors.dense(keys, 1, kvHeads, tokens, size))
        .tensor(
            Signal.Queries.class,
            () -> FloatTensor.of(queries, 1, heads, figures.get("window").asInt(), size))
        .build();
  }

  @Test
  void redundancyIsThatOfTheFormulaOverManyBlocks() {
    int tokens = 700;
    int size = 36;
    Random random = new Random(5);
    float[] keys = new float[tokens * size];
    for (int j = 0; j < tokens; j++) {
      int like = random.nextInt(j + 1);
      boolean repeats = random.nextInt(3) == 0;
      for (int c = 0; c < size; c++) {
        float noise = (float) random.nextGaussian();
        keys[j * size + c] = repeats && like < j ? keys[like * size + c] + 0.5f * noise : noise;
      }
    }

    HeadVectors vectors = HeadVectors.dense(keys, 1, 1, tokens, size);
    double[] found = new KeyRedundancy(vectors, 0.5).of(0, 0, tokens);

    double[] expected = redundancy(keys, tokens, size, 0.5);
    for (int j = 0; j < tokens; j++) {
      assertThat(found[j]).as("token %d", j).isCloseTo(expected[j], within(1e-6 * expected[j]));
    }
  }

  /** By the definition, with the whole matrix. */
  private static double[] redundancy(float[] keys, int tokens, int size, double threshold) {
    double[] sums = new double[tokens];
    for (int i = 0; i < tokens; i++) {
      double[] cosines = new double[tokens];
      int latest = 0;
      for (int j = 0; j < tokens; j++) {
        double dot = 0;
        double a = 0;
        double b = 0;
        for (int c = 0; c < size; c++) {
          dot += (double) keys[i * size + c] * keys[j * size + c];
          a += (double) keys[i * size + c] * keys[i * size + c];
          b += (double) keys[j * size + c] * keys[j * size + c];
        }
        cosines[j] = i == j ? 0 : dot / Math.sqrt(a * b);
        latest = cosines[j] > threshold ? j : latest;
      }
      cosines[latest] = 0;
      for (int j = 0; j < tokens; j++) {
        sums[j] += cosines[j] / tokens;
      }
    }
    double all = Arrays.stream(sums).map(Math::exp).sum();
    return Arrays.stream(sums).map(sum -> Math.exp(sum) / all).toArray();
  }

  @Test
  void remembersTheQueriesOfEarlierSteps() {
    RkvPress press = new RkvPress(6, 3, 0.4, 0.5);
    SyntheticLayer layer = SyntheticLayer.random(new Shape(2, 2, 2, 50, 8), 12);
    Budget roomy = Budget.tokens(100);
    SyntheticLayer.Run run = layer.new Run(press.needs());
    run.apply(press.compress(run.pass(Phase.PREFILL, 41, 41), roomy));
    for (int step : new int[] {1, 1, 3, 1, 1}) {
      run.apply(press.compress(run.pass(Phase.DECODE, step, step), roomy));
    }

    Scores stepwise = press.score(run.pass(Phase.DECODE, 2, 2), roomy);

    Scores atOnce = press.score(layer.prefill(press.needs()), roomy);
    for (int b = 0; b < 2; b++) {
      for (int j = 0; j < 50; j++) {
        assertThat(stepwise.shown(b, 1, j)).isEqualTo(atOnce.shown(b, 1, j));
      }
    }
  }

  @Test
  void refusesStepsThatPassedWithoutIt() {
    RkvPress press = new RkvPress(6, 3, 0.4, 0.5);
    SyntheticLayer.Run run =
        SyntheticLayer.random(new Shape(1, 2, 2, 50, 8), 12).new Run(press.needs());
    run.apply(press.compress(run.pass(Phase.PREFILL, 40, 40), Budget.tokens(20)));
    run.pass(Phase.DECODE, 1, 1);
    LayerSignals second = run.pass(Phase.DECODE, 1, 1);
    assertThatThrownBy(() -> press.compress(second, Budget.tokens(20)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("layer 5")
        .hasMessageContaining("after every step");
  }

  @Test
  void aWindowOfNewQueriesNeedsNoOld() {
    RkvPress press = new RkvPress(6, 3, 0.4, 0.5);
    SyntheticLayer.Run run =
        SyntheticLayer.random(new Shape(1, 2, 2, 50, 8), 12).new Run(press.needs());
    run.pass(Phase.PREFILL, 40, 40);
    LayerSignals step = run.pass(Phase.DECODE, 6, 6);
    assertThat(press.compress(step, Budget.tokens(20)).kept().orElseThrow().count(0, 1))
        .isEqualTo(20);
  }

  @Test
  void ofTokensThatRepeatEachOtherTheLastStays() {
    SyntheticLayer layer = SyntheticLayer.random(new Shape(1, 1, 1, 60, 60), 3);
    Arrays.fill(layer.keys, 0);
    for (int j = 0; j < 60; j++) {
      boolean repeats = j == 10 || j == 22 || j == 30;
      layer.keys[j * 60 + (repeats ? 5 : j)] = 1;
    }
    RkvPress press = new RkvPress(4, 1, 0, 0.5);

    int[] kept =
        press
            .compress(layer.prefill(press.needs()), Budget.tokens(57))
            .kept()
            .orElseThrow()
            .of(0, 0);

    assertThat(kept).contains(30).doesNotContain(5, 10, 22);
  }
}
