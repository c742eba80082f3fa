package dev.kvpress.presses.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressSpecException;
import dev.kvpress.presses.testing.SyntheticLayer;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MiniKvPressTest {
  private static final int TOKENS = 200;
  private static final int LAYERS = 5;
  private static final SyntheticLayer LAYER =
      SyntheticLayer.random(new SyntheticLayer.Shape(1, 2, 2, TOKENS, 8), 3);

  private static Press press(String spec) {
    return (Press) PressCatalog.load().make(spec).press();
  }

  private static LayerSignals layer(int layer) {
    SyntheticLayer.Run run = LAYER.new Run(Set.of(new Signal.AttentionSums()));
    run.pass(dev.kvpress.presses.Phase.PREFILL, TOKENS, TOKENS);
    return LayerSignals.of(run.ledger())
        .step(dev.kvpress.presses.Phase.PREFILL, TOKENS)
        .layer(layer, LAYERS)
        .build();
  }

  private static int[] counts(Press press, Budget budget) {
    return IntStream.range(0, LAYERS)
        .map(
            l ->
                press
                    .compress(layer(l), budget)
                    .kept()
                    .map(kept -> kept.count(0, 1))
                    .orElse(TOKENS))
        .toArray();
  }

  /** The sizes that the code of the paper gives layers: 50 recent, heavy ones of a mean of 50. */
  @Test
  void givesLowerLayersMoreHeavyHitters() {
    double last = 0.25 / 7;
    double first = 2 * 0.25 - last;
    int[] expected = new int[LAYERS];
    for (int l = 0; l < LAYERS; l++) {
      double share = first + (last - first) / (LAYERS - 1) * l;
      expected[l] = (int) (TOKENS * share) + (int) (TOKENS * 0.25);
    }
    assertThat(counts(press("minikv(heavy_ratio=0.25,recent_ratio=0.25)"), Budget.FULL))
        .isEqualTo(expected);
    assertThat(counts(press("minikv"), Budget.ratio(0.5))).isEqualTo(expected);
    assertThat(counts(press("minikv(pyramid=false)"), Budget.ratio(0.5))).containsOnly(TOKENS / 2);
  }

  @Test
  void keepsTheMeanWhereTheFirstLayersHaveNotSoManyTokens() {
    int[] counts = counts(press("minikv"), Budget.ratio(0.2));
    assertThat(IntStream.of(counts).average().orElseThrow())
        .isBetween(TOKENS * 0.8 - 1, TOKENS * 0.8);
    assertThat(counts[0]).isGreaterThan(counts[LAYERS - 1]);
  }

  @Test
  void keepsTheLargestSumsAndTheMostRecent() {
    LayerSignals layer = layer(2);
    int[] kept = press("minikv").compress(layer, Budget.tokens(60)).kept().orElseThrow().of(0, 0);
    int recent = 30;
    int heavy = kept.length - recent;
    double[] sums = AttentionReceived.of(layer, 0, 0, false);
    int[] expected =
        IntStream.concat(
                IntStream.range(0, TOKENS - recent)
                    .boxed()
                    .sorted((a, b) -> Double.compare(sums[b], sums[a]))
                    .limit(heavy)
                    .mapToInt(j -> j),
                IntStream.range(TOKENS - recent, TOKENS))
            .sorted()
            .toArray();
    assertThat(kept).isEqualTo(expected);
  }

  @Test
  void comesWithTwoBits() {
    assertThat(press("minikv").cacheFormat()).contains(new CacheFormat(2, 16, 128));
    assertThat(press("minikv(bits=4,group_size=32,residual_length=0)").cacheFormat())
        .contains(new CacheFormat(4, 32, 0));
    assertThatThrownBy(() -> press("minikv(bits=3)"))
        .isInstanceOf(PressSpecException.class)
        .hasMessageContaining("bits of a cache must be 8, 4 or 2, found 3");
  }

  @Test
  void keepsItsFormatInsideOthers() {
    for (String spec :
        new String[] {
          "adakv(minikv)",
          "chunkkv(minikv)",
          "criticalkv(minikv)",
          "merging(minikv)",
          "composed(minikv,knorm)",
          "composed(knorm,minikv)",
          "prefill_decoding(minikv,decoding(knorm))",
          "key_rerotation(minikv(pyramid=false))"
        }) {
      ModelPress press = PressCatalog.load().make(spec).press();
      assertThat(press.cacheFormat()).as(spec).contains(new CacheFormat(2, 16, 128));
    }
  }
}
