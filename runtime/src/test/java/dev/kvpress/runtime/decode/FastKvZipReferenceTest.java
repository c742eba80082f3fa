package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.rule.FastKvZipPress;
import dev.kvpress.presses.scorer.GateScores;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.auxiliary.AuxiliarySources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fast KVzip against kvpress's own code on tiny models, with made-up gates read from their file.
 */
class FastKvZipReferenceTest {
  private static final Path FIGURES = Path.of("../test-data/reference/second-pass");

  @TempDir static Path cache;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void scoresAndKeepsAsKvpress(String name) {
    SecondPassFixture fixture = SecondPassFixture.of(name);
    try (DecoderModel model = open(name)) {
      assertThat(fixture.cases("fastkvzip")).hasSize(4);
      for (JsonNode one : fixture.cases("fastkvzip")) {
        GateScores scorer = new GateScores(4, 4096, one.get("window_ratio").asDouble());
        Scored press =
            new Scored(scorer, new FastKvZipPress(one.get("layerwise").asBoolean(), scorer));
        try (Context context = model.start(1, press.needs())) {
          context.prefill(fixture.ids(), 7);
          context.compress(press, Budget.ratio(one.get("ratio").asDouble()));
          assertScores(press.seen, one.get("scores"));
          for (int l = 0; l < one.get("kept").size(); l++) {
            for (int g = 0; g < one.get("kept").get(l).size(); g++) {
              assertThat(context.positions(l, 0, g))
                  .containsExactly(DecodeFixtures.ints(one.get("kept").get(l).get(g)));
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sinksThatTakeUpTheBudgetAreSaid(boolean layerwise) {
    int[] ids = SecondPassFixture.of("llama").ids();
    try (DecoderModel model = open("llama")) {
      for (int sinks : new int[] {4, 5000}) {
        ModelPress press = new FastKvZipPress(layerwise, new GateScores(sinks, 4096, 0.02));
        try (Context context = model.start(1, press.needs())) {
          context.prefill(ids, 7);
          List<String> notices = context.compress(press, Budget.ratio(0.5)).notices();
          if (sinks == 4) {
            assertThat(notices).isEmpty();
          } else {
            assertThat(notices)
                .singleElement()
                .asString()
                .contains("the protected first 5000 tokens take up the whole budget");
          }
        }
      }
    }
  }

  @Test
  void scoresOfEarlierTokensGoOnCountingInDecoding() {
    GateScores scorer = new GateScores(0, 0, 0);
    FastKvZipPress press = new FastKvZipPress(true, scorer);
    int[] ids = SecondPassFixture.of("qwen2").ids();
    List<List<Integer>> atOnce;
    List<List<Integer>> stepwise;
    try (DecoderModel model = open("qwen2");
        Context whole = model.start(1, press.needs());
        Context steps = model.start(1, press.needs())) {
      whole.prefill(ids, ids.length);
      whole.compress(press, Budget.tokens(8));
      atOnce = DecodeFixtures.positions(whole, model, 1);
      steps.prefill(Arrays.copyOf(ids, 12), 5);
      steps.compress(press, Budget.tokens(8));
      for (int i = 12; i < ids.length; i++) {
        steps.forward(ids[i]);
        steps.compress(press, Budget.tokens(8));
      }
      stepwise = DecodeFixtures.positions(steps, model, 1);
    }
    // The first layer's states do not depend on what was evicted.
    assertThat(stepwise.get(0)).isEqualTo(atOnce.get(0));
    assertThat(stepwise.stream().mapToInt(List::size).sum())
        .isEqualTo(atOnce.stream().mapToInt(List::size).sum());
  }

  private static DecoderModel open(String name) {
    Path gates = FIGURES.resolve(name + "-gates.safetensors");
    return DecoderModel.open(
        Path.of("../test-data/reference/architectures").resolve(name),
        DecodeFixtures.oneThread(cache)
            .with(new AuxiliarySources(List.of(gates), Optional.empty())));
  }

  private static void assertScores(List<Scores> actual, JsonNode expected) {
    assertThat(actual).hasSize(expected.size());
    for (int l = 0; l < expected.size(); l++) {
      for (int g = 0; g < expected.get(l).size(); g++) {
        JsonNode head = expected.get(l).get(g);
        for (int j = 0; j < head.size(); j++) {
          double value = head.get(j).asDouble();
          if (actual.get(l).isProtected(0, g, j)) {
            assertThat(value).isEqualTo(1);
          } else {
            assertThat((double) actual.get(l).get(0, g, j))
                .as("layer %d, head %d, token %d", l, g, j)
                .isCloseTo(value, within(1e-6 + 1e-5 * value));
          }
        }
      }
    }
  }

  /** A press whose scores can be looked at. */
  private static final class Scored implements ModelPress {
    private final GateScores scores;
    private final ModelPress press;
    private final List<Scores> seen = new ArrayList<>();

    Scored(GateScores scores, ModelPress press) {
      this.scores = scores;
      this.press = press;
    }

    @Override
    public List<CacheEdit> compress(ModelSignals model, Budget budget) {
      model.layers().forEach(layer -> seen.add(scores.score(layer, budget)));
      return press.compress(model, budget);
    }

    @Override
    public Set<Signal> needs() {
      return press.needs();
    }
  }
}
