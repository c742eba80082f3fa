package dev.kvpress.presses.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.presses.testing.SyntheticLayer.Shape;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NormSharesTest {
  @Test
  void tokensThatSomeHeadsHaveLostAreWeighedByTheOthersMean() {
    SyntheticLayer layer = SyntheticLayer.random(new Shape(1, 2, 1, 6, 4), 1);
    LayerSignals whole = layer.prefill(Set.of());
    LayerSignals cut =
        whole.after(
            CacheEdit.keep(whole, (b, g) -> g == 0 ? new int[] {0, 2, 5} : new int[] {0, 1, 5}));
    float[][] norms = {{1, 4, 6}, {3, 5, 2}};

    NormShares.share(cut, norms);

    assertThat(norms[0]).containsExactly(new float[] {0.25f, 0.5f, 0.75f}, within(1e-6f));
    assertThat(norms[1]).containsExactly(new float[] {0.75f, 0.5f, 0.25f}, within(1e-6f));
  }
}
