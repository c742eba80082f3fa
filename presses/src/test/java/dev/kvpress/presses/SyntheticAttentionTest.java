package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.presses.testing.SyntheticLayer.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What was planted in made-up attention must be found by the presses which look for it. */
class SyntheticAttentionTest {
  private static final int N = 40;
  private static final int PLANTED = 9;

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  private static CacheEdit compress(String spec, SyntheticLayer layer, Budget budget) {
    ModelPress press = press(spec);
    LayerSignals signals = layer.prefill(press.needs());
    return press.compress(new ModelSignals(List.of(signals)), budget).get(0);
  }

  private static int[] kept(String spec, SyntheticLayer layer, Budget budget) {
    return compress(spec, layer, budget).kept().orElseThrow().of(0, 0);
  }

  /** Uniform attention, but all queries give half of theirs to one token. */
  private static SyntheticLayer heavyHitter() {
    SyntheticLayer layer = SyntheticLayer.random(new Shape(1, 1, 2, N, 4), 1);
    for (int row = 0; row < 2 * N; row++) {
      int query = row % N;
      boolean sees = query > PLANTED;
      for (int j = 0; j <= query; j++) {
        layer.attention[row * N + j] =
            sees ? (j == PLANTED ? 0.5f : 0.5f / query) : 1f / (query + 1);
      }
    }
    return layer;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h2o(local_window_size=4)",
        "h2o(local_window_size=4,normalize=false)",
        "h2o(hh_size=4,recent_size=4)",
        "snapkv(window_size=4)",
        "tova"
      })
  void keepTheHeavyHitter(String spec) {
    assertThat(kept(spec, heavyHitter(), Budget.tokens(8))).contains(PLANTED, N - 1);
    assertThat(kept("local", heavyHitter(), Budget.tokens(8))).doesNotContain(PLANTED);
  }

  @Test
  void normalisedAttentionOfTheHeavyHitterIsItsMean() {
    ScorerPress press = (ScorerPress) press("observed_attention");
    Scores scores = press.score(heavyHitter().prefill(press.needs()), Budget.FULL);
    // Its own query gives 1/10, the 30 later ones a half each.
    assertThat(scores.get(0, 0, PLANTED)).isCloseTo((0.1f + 30 * 0.5f) / 31, within());
  }

  private static org.assertj.core.data.Offset<Float> within() {
    return org.assertj.core.api.Assertions.within(1e-6f);
  }

  @Test
  void theRawSumFavoursOldTokensTheMeanRecentOnes() {
    SyntheticLayer uniform = SyntheticLayer.random(new Shape(1, 1, 1, N, 4), 1);
    for (int query = 0; query < N; query++) {
      Arrays.fill(uniform.attention, query * N, query * N + query + 1, 1f / (query + 1));
    }
    Budget budget = Budget.tokens(4);
    assertThat(kept("h2o(local_window_size=0,normalize=false)", uniform, budget))
        .containsExactly(0, 1, 2, 3);
    assertThat(kept("h2o(local_window_size=1,normalize=false)", uniform, budget))
        .containsExactly(0, 1, 2, N - 1);
  }

  @Test
  void aKvHeadCountsTheMeanOverItsQueryHeads() {
    SyntheticLayer layer = SyntheticLayer.random(new Shape(1, 2, 3, N, 4), 2);
    ScorerPress press = (ScorerPress) press("h2o(local_window_size=0,normalize=false)");
    Scores scores = press.score(layer.prefill(press.needs()), Budget.FULL);
    double sum = 0;
    for (int h = 3; h < 6; h++) {
      for (int query = 0; query < N; query++) {
        sum += layer.attention[(h * N + query) * N + 7];
      }
    }
    assertThat(scores.get(0, 1, 7)).isCloseTo((float) (sum / 3), within());
  }

  @Test
  void aWindowAboveTheBudgetKeepsTheMostRecentTokensAndSaysSo() {
    CacheEdit edit = compress("h2o", heavyHitter(), Budget.ratio(0.5));
    assertThat(edit.kept().orElseThrow().of(0, 0)).isEqualTo(IntStream.range(20, 40).toArray());
    assertThat(edit.notices())
        .singleElement()
        .asString()
        .contains("last 512 tokens", "compression_ratio=0.5");
    assertThat(compress("h2o(local_window_size=4)", heavyHitter(), Budget.ratio(0.5)).notices())
        .isEmpty();
  }

  @Test
  void ownSizesDoNothingWhileTheCacheIsNoLonger() {
    assertThat(compress("h2o(hh_size=20,recent_size=20)", heavyHitter(), Budget.ratio(0.9)))
        .isEqualTo(CacheEdit.none());
    assertThat(kept("h2o(hh_size=3,recent_size=0)", heavyHitter(), Budget.ratio(0.9)))
        .hasSize(3)
        .contains(PLANTED);
    assertThat(kept("h2o(hh_size=0,recent_size=3)", heavyHitter(), Budget.ratio(0.9)))
        .containsExactly(37, 38, 39);
  }

  @ParameterizedTest
  @CsvSource({"8,4,'0,1,2,3,36,37,38,39'", "3,4,'1,2,3'", "4,0,'36,37,38,39'"})
  void streamingKeepsSinksAndTheMostRecent(int budget, int sinks, String expected) {
    assertThat(kept("streaming_llm(n_sink=" + sinks + ")", heavyHitter(), Budget.tokens(budget)))
        .isEqualTo(Arrays.stream(expected.split(",")).mapToInt(Integer::parseInt).toArray());
  }

  @Test
  void streamingRemembersTheSinksThroughDecoding() {
    Press press = (Press) press("streaming_llm(n_sink=2)");
    SyntheticLayer.Run run = heavyHitter().new Run(press.needs());
    run.apply(press.compress(run.pass(Phase.PREFILL, 20, 20), Budget.tokens(5)));
    for (int t = 20; t < N; t++) {
      run.apply(press.compress(run.pass(Phase.DECODE, 1, 1), Budget.tokens(5)));
      assertThat(run.ledger().positions(0, 0)).containsExactly(0, 1, t - 2, t - 1, t);
    }
  }

  @Test
  void knormKeepsShortKeys() {
    SyntheticLayer layer = heavyHitter();
    Arrays.fill(layer.keys, 3);
    Arrays.fill(layer.keys, PLANTED * 4, PLANTED * 4 + 4, 1);
    assertThat(kept("knorm", layer, Budget.tokens(2))).containsExactly(PLANTED, N - 1);
  }

  @Test
  void randomDependsOnSeedAndHeadButNotOnWhatWasEvicted() {
    SyntheticLayer layer = SyntheticLayer.random(new Shape(2, 2, 1, N, 4), 3);
    ScorerPress press = (ScorerPress) press("random(seed=1)");
    SyntheticLayer.Run run = layer.new Run(press.needs());
    LayerSignals signals = run.pass(Phase.PREFILL, N, N);
    Scores before = press.score(signals, Budget.FULL);
    Scores other = ((ScorerPress) press("random(seed=2)")).score(signals, Budget.FULL);
    int[] slots = {3, 8, 20};
    LayerSignals after =
        signals.after(
            CacheEdit.keep(new KeptSlots(2, 2, new int[][] {slots, slots, slots, slots})));
    Scores later = press.score(after, Budget.FULL);
    assertThat(later.get(1, 1, 2)).isEqualTo(before.get(1, 1, 20)).isBetween(0f, 1f);
    assertThat(before.get(0, 0, 3)).isNotEqualTo(before.get(0, 1, 3));
    assertThat(before.get(0, 0, 3)).isNotEqualTo(before.get(1, 0, 3));
    assertThat(before.get(0, 0, 3)).isNotEqualTo(other.get(0, 0, 3));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 39})
  void dmsOverRandomWithThresholdOneIsALocalWindow(int window) {
    String dms = "dms(random,threshold=1.0,sliding_window_size=" + window + ",decoding=true)";
    Press[] presses = {
      (Press) press(dms), (Press) press("local"), (Press) press("streaming_llm(n_sink=0)")
    };
    SyntheticLayer layer = heavyHitter();
    int[][] positions = new int[presses.length][];
    for (int prefill : new int[] {1, 20}) {
      for (int i = 0; i < presses.length; i++) {
        SyntheticLayer.Run run = layer.new Run(presses[i].needs());
        LayerSignals signals = run.pass(Phase.PREFILL, prefill, prefill);
        run.apply(presses[i].compress(signals, Budget.tokens(window)));
        for (int step : new int[] {1, 1, 3, 1, 7}) {
          signals = run.pass(Phase.DECODE, step, step);
          run.apply(presses[i].compress(signals, Budget.tokens(window)));
        }
        positions[i] = run.ledger().positions(0, 0);
      }
      assertThat(positions[1]).isEqualTo(positions[0]);
      assertThat(positions[2]).isEqualTo(positions[0]);
    }
  }

  @Test
  void dmsJudgesAttentionAtTheMomentATokenLeavesBothWindows() {
    Press press =
        (Press)
            press(
                "dms(h2o(local_window_size=6),threshold=0.2,sliding_window_size=2,decoding=true)");
    SyntheticLayer.Run run = heavyHitter().new Run(press.needs());
    run.apply(press.compress(run.pass(Phase.PREFILL, 5, 5), Budget.FULL));
    assertThat(run.ledger().length(0, 0)).isEqualTo(5);
    for (int t = 5; t < N; t++) {
      run.apply(press.compress(run.pass(Phase.DECODE, 1, 1), Budget.FULL));
      assertThat(run.ledger().positions(0, 0)).endsWith(t);
    }
    // The window of h2o is the larger one; of the older tokens only the planted one reached 0.2.
    assertThat(run.ledger().positions(0, 0)).contains(PLANTED, 34, 35, 36, 37, 38, 39);
    assertThat(run.ledger().length(0, 0)).isLessThan(12);
  }

  @Test
  void dmsMayEmptyAHead() {
    assertThat(kept("dms(knorm,threshold=0,sliding_window_size=0)", heavyHitter(), Budget.FULL))
        .isEmpty();
  }

  @Test
  void dmsWithoutDecodingLeavesStepsAlone() {
    Press press = (Press) press("dms(random,threshold=1.0,sliding_window_size=2)");
    SyntheticLayer.Run run = heavyHitter().new Run(press.needs());
    run.apply(press.compress(run.pass(Phase.PREFILL, 5, 5), Budget.FULL));
    assertThat(press.compress(run.pass(Phase.DECODE, 1, 1), Budget.FULL))
        .isEqualTo(CacheEdit.none());
  }
}
