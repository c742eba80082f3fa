package dev.kvpress.presses.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.testing.SyntheticLayer.Shape;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every press must hold. Extend it and give the press:
 *
 * <pre>{@code
 * class MyPressTest extends PressContractTest {
 *   @Override
 *   protected ModelPress press() {
 *     return new MyPress();
 *   }
 * }
 * }</pre>
 */
public abstract class PressContractTest {
  private static final Shape GQA = new Shape(2, 2, 2, 61, 8);
  private static final SyntheticLayer LONG = SyntheticLayer.random(new Shape(1, 2, 2, 300, 8), 3);

  /** A new instance of the press under test, always with the same parameters. */
  protected abstract ModelPress press();

  @ParameterizedTest
  @CsvSource({"2,0.5", "5,0.1", "5,0.9", "24,0.25", "24,0.8", "61,0.5", "61,0.9"})
  void keepsTheBudget(int tokens, double ratio) {
    Budget budget = Budget.ratio(ratio);
    LayerSignals layer =
        SyntheticLayer.random(GQA.suiting(press()), 1).prefill(press().needs(), tokens, tokens);
    assertKept(layer, compress(layer, budget), budget);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 24, 61})
  void keepsANumberOfTokens(int count) {
    Budget budget = Budget.tokens(count);
    LayerSignals layer =
        SyntheticLayer.random(GQA.suiting(press()), 2).prefill(press().needs(), 24, 24);
    assertKept(layer, compress(layer, budget), budget);
  }

  @Test
  void leavesTheCacheAloneAtRatioZero() {
    Assumptions.assumeTrue(press().budgetKind() != BudgetKind.OWN, "follows no budget");
    LayerLedger ledger = new LayerLedger(1, 2, 2, false, 0);
    ledger.append(24);
    // Nothing but positions can be read here, so a press that scores would fail; one that goes on
    // in decoding may take note of what it needs there.
    LayerSignals layer =
        press().evictsWhileDecoding()
            ? SyntheticLayer.random(GQA.suiting(press()), 2).prefill(press().needs(), 24, 24)
            : LayerSignals.of(ledger).step(Phase.PREFILL, 24).build();
    assertThat(compress(layer, Budget.FULL).changesNothing()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 64, 256})
  void keepsTheSameTokensHoweverThePromptWasChunked(int chunk) {
    Budget budget = Budget.ratio(0.6);
    assertThat(kept(LONG.prefill(press().needs(), 300, chunk), budget))
        .isEqualTo(kept(LONG.prefill(press().needs()), budget));
  }

  @Test
  void keepsASingleToken() {
    Assumptions.assumeTrue(press().budgetKind() != BudgetKind.OWN, "follows no budget");
    LayerSignals layer =
        SyntheticLayer.random(GQA.suiting(press()), 4).prefill(press().needs(), 1, 1);
    assertThat(kept(layer, Budget.ratio(0.9))).containsOnly(List.of(0));
  }

  @ParameterizedTest
  @CsvSource({"4,1", "2,2", "1,8"})
  void worksForAnyNumberOfQueryHeadsPerKvHead(int kvHeads, int group) {
    Budget budget = Budget.ratio(0.5);
    LayerSignals layer =
        SyntheticLayer.random(new Shape(1, kvHeads, group, 40, 8), 5).prefill(press().needs());
    assertKept(layer, compress(layer, budget), budget);
  }

  @Test
  void treatsBatchRowsIndependently() {
    Assumptions.assumeFalse(press().readsAgain(), "takes one row at a time");
    SyntheticLayer pair = SyntheticLayer.random(GQA.suiting(press()), 6);
    SyntheticLayer alone = SyntheticLayer.random(new Shape(1, 2, 2, 61, 8), 6);
    Budget budget = Budget.ratio(0.5);
    assertThat(kept(pair.prefill(press().needs()), budget).subList(0, 2))
        .isEqualTo(kept(alone.prefill(press().needs()), budget));
  }

  @Test
  void decidesTheSameTwice() {
    LayerSignals layer = SyntheticLayer.random(GQA.suiting(press()), 7).prefill(press().needs());
    ModelPress one = press();
    List<List<Integer>> first = kept(one, layer, Budget.ratio(0.5));
    assertThat(kept(one, layer, Budget.ratio(0.5))).isEqualTo(first);
    assertThat(kept(press(), layer, Budget.ratio(0.5))).isEqualTo(first);
  }

  @Test
  void keepsTheLaterOfTokensWithEqualScores() {
    Assumptions.assumeTrue(
        press() instanceof ScorerPress && press().budgetKind() == BudgetKind.EXACT);
    SyntheticLayer tied = SyntheticLayer.random(new Shape(1, 2, 2, 30, 8), 8);
    for (int i = 0; i < tied.keys.length; i++) {
      tied.keys[i] = i / 8 % 3;
      tied.values[i] = 1;
    }
    ScorerPress scorer = (ScorerPress) press();
    LayerSignals layer = tied.prefill(scorer.needs());
    Budget budget = Budget.ratio(0.5);
    Scores scores = scorer.score(layer, budget);
    for (int g = 0; g < 2; g++) {
      int head = g;
      List<Integer> expected =
          IntStream.range(0, 30)
              .boxed()
              .sorted(
                  Comparator.comparing((Integer j) -> scores.shown(0, head, j))
                      .thenComparing(Comparator.naturalOrder())
                      .reversed())
              .limit(15)
              .sorted()
              .toList();
      assertThat(kept(scorer, layer, budget).get(g)).isEqualTo(expected);
    }
  }

  @Test
  void refusesScoresThatAreNotNumbersOrDoesNotReadThem() {
    SyntheticLayer sound = SyntheticLayer.random(new Shape(1, 2, 1, 40, 8), 9);
    SyntheticLayer broken = SyntheticLayer.random(new Shape(1, 2, 1, 40, 8), 9);
    int poisoned = 40 + 3;
    broken.keys[poisoned * 8] = Float.NaN;
    broken.values[poisoned * 8] = Float.NaN;
    for (int query = 3; query < 40; query++) {
      broken.attention[(40 + query) * 40 + 3] = Float.NaN;
    }
    LayerSignals layer = broken.prefill(press().needs());
    Budget budget = Budget.ratio(0.5);
    List<List<Integer>> found;
    try {
      found = kept(layer, budget);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("layer " + SyntheticLayer.LAYER);
      assertThat(e).hasMessageContainingAll("token ", "KV head ", "not a number");
      return;
    }
    assertThat(found).isEqualTo(kept(sound.prefill(press().needs()), budget));
  }

  @Test
  void leavesItsInputUntouched() {
    SyntheticLayer layer = SyntheticLayer.random(GQA.suiting(press()), 10);
    SyntheticLayer same = SyntheticLayer.random(GQA.suiting(press()), 10);
    SyntheticLayer.Run run = layer.new Run(press().needs());
    LayerSignals signals = run.pass(Phase.PREFILL, 61, 61);
    compress(signals, Budget.ratio(0.5));
    assertThat(layer.keys).isEqualTo(same.keys);
    assertThat(layer.values).isEqualTo(same.values);
    assertThat(run.ledger().totalLength()).isEqualTo(layer.shape.batch() * 2 * 61);
    if (run.ledger().attention().hasSums()) {
      SyntheticLayer.Run again = same.new Run(press().needs());
      again.pass(Phase.PREFILL, 61, 61);
      for (int j = 0; j < 61; j++) {
        int row = layer.shape.batch() - 1;
        assertThat(run.ledger().attention().sum(row, 3, j))
            .isEqualTo(again.ledger().attention().sum(row, 3, j));
      }
    }
  }

  @Test
  void followsTheBudgetStepByStepInDecoding() {
    Assumptions.assumeTrue(press().phases().contains(Phase.DECODE), "works in the prefill only");
    SyntheticLayer.Run run =
        SyntheticLayer.random(GQA.suiting(press()), 11).new Run(press().needs());
    Budget budget = Budget.ratio(0.5);
    LayerSignals layer = run.pass(Phase.PREFILL, 40, 16);
    run.apply(compress(layer, budget));
    for (int step : new int[] {1, 1, 1, 3, 1, 1, 1, 1, 1, 5, 1, 1}) {
      layer = run.pass(Phase.DECODE, step, step);
      CacheEdit edit = compress(layer, budget);
      assertKept(layer, edit, budget);
      run.apply(edit);
    }
    assertThat(run.ledger().tokensSeen(0)).isEqualTo(58);
  }

  private void assertKept(LayerSignals layer, CacheEdit edit, Budget budget) {
    EditContract.assertKept(press(), layer, edit, budget);
    EditContract.assertAsAnnounced(press(), layer, edit);
  }

  private CacheEdit compress(LayerSignals layer, Budget budget) {
    return EditContract.compress(press(), layer, budget);
  }

  private List<List<Integer>> kept(LayerSignals layer, Budget budget) {
    return kept(press(), layer, budget);
  }

  private static List<List<Integer>> kept(ModelPress press, LayerSignals layer, Budget budget) {
    return EditContract.slots(layer, EditContract.compress(press, layer, budget));
  }
}
