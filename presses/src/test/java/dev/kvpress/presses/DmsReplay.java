package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.scorer.KnormPress;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.wrapper.DmsPress;
import dev.kvpress.testdata.Golden;
import java.util.List;
import java.util.stream.IntStream;

/** Drives DMS through a golden trace; what the original masks must be evicted here. */
final class DmsReplay {
  private DmsReplay() {}

  static void replay(JsonNode goldenCase) {
    boolean knorm = goldenCase.has("keys");
    int[] shape = Golden.shape(goldenCase.get(knorm ? "keys" : "scores"));
    float[] given = Golden.floats(goldenCase.get(knorm ? "keys" : "scores"));
    JsonNode params = goldenCase.get("params");
    ScorerPress scorer = knorm ? new KnormPress() : new GivenScores(given, shape);
    DmsPress press =
        new DmsPress(
            scorer,
            params.get("threshold").asDouble(),
            params.get("sliding_window_size").asInt(),
            true);
    LayerLedger ledger = new LayerLedger(shape[0], shape[1], shape[1], false, 0);
    for (JsonNode step : goldenCase.get("trace")) {
      int tokens = step.get("new_tokens").asInt();
      ledger.append(tokens);
      LayerSignals layer =
          LayerSignals.of(ledger)
              .step(step.get("prefill").asBoolean() ? Phase.PREFILL : Phase.DECODE, tokens)
              .keys(() -> cached(ledger, given, shape))
              .build();
      ledger.apply(press.compress(layer, Budget.FULL));
      List<List<List<Integer>>> masked = GoldenCases.nested(step.get("masked"));
      for (int b = 0; b < shape[0]; b++) {
        for (int g = 0; g < shape[1]; g++) {
          List<Integer> gone = masked.get(b).get(g);
          assertThat(ledger.positions(b, g))
              .isEqualTo(
                  IntStream.range(0, ledger.tokensSeen(b))
                      .filter(position -> !gone.contains(position))
                      .toArray());
        }
      }
    }
  }

  private static HeadVectors cached(LayerLedger ledger, float[] keys, int[] shape) {
    int longest = ledger.maxLength();
    float[] copy = new float[shape[0] * shape[1] * longest * shape[3]];
    for (int head = 0; head < shape[0] * shape[1]; head++) {
      int[] positions = ledger.positions(head / shape[1], head % shape[1]);
      for (int j = 0; j < positions.length; j++) {
        System.arraycopy(
            keys,
            (head * shape[2] + positions[j]) * shape[3],
            copy,
            (head * longest + j) * shape[3],
            shape[3]);
      }
    }
    return HeadVectors.dense(copy, shape[0], shape[1], longest, shape[3]);
  }

  /** Gives each token the score that a table has for its original position. */
  private static final class GivenScores extends ScorerPress {
    private final float[] table;
    private final int[] shape;

    GivenScores(float[] table, int[] shape) {
      this.table = table;
      this.shape = shape;
    }

    @Override
    public Scores score(LayerSignals layer, Budget budget) {
      Scores scores = Scores.of(layer);
      for (int head = 0; head < shape[0] * shape[1]; head++) {
        int b = head / shape[1];
        int g = head % shape[1];
        for (int j = 0; j < layer.length(b, g); j++) {
          scores.set(b, g, j, table[head * shape[2] + layer.position(b, g, j)]);
        }
      }
      return scores;
    }

    @Override
    public ScoreTiming scoreTiming() {
      return ScoreTiming.ARRIVAL;
    }
  }
}
