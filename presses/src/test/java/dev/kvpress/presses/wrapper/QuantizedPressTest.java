package dev.kvpress.presses.wrapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressSpecException;
import dev.kvpress.presses.testing.SyntheticLayer;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuantizedPressTest {
  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  @Test
  void setsTheFormatAndCutsAsThePressInsideDoes() {
    ModelPress inner = press("h2o(local_window_size=4)");
    ModelPress press =
        press("quantized(h2o(local_window_size=4),bits=8,group_size=16,residual_length=5)");
    assertThat(press.cacheFormat()).contains(new CacheFormat(8, 16, 5));
    assertThat(press.needs()).isEqualTo(inner.needs());
    ModelSignals signals =
        new ModelSignals(
            List.of(
                SyntheticLayer.random(new SyntheticLayer.Shape(1, 2, 2, 60, 8), 1)
                    .prefill(inner.needs())));
    assertThat(press.compress(signals, Budget.ratio(0.5)).get(0).kept())
        .isEqualTo(inner.compress(signals, Budget.ratio(0.5)).get(0).kept());
  }

  @Test
  void isNoBaselineAroundTheBaseline() {
    ModelPress press = press("quantized(baseline)");
    assertThat(press.keepsAll()).isFalse();
    assertThat(press.budgetKind()).isEqualTo(BudgetKind.OWN);
    assertThat(press.leaves()).isEqualTo(CacheShape.WHOLE);
    assertThat(press.cacheFormat()).contains(CacheFormat.ofBits(4));
  }

  @Test
  void refusesBitsThereAreNotAndPressesWithBitsOfTheirOwn() {
    assertThatThrownBy(() -> press("quantized(h2o,bits=3)"))
        .isInstanceOf(PressSpecException.class)
        .hasMessageContaining("quantized: bits of a cache must be 8, 4 or 2, found 3");
    assertThatThrownBy(() -> press("quantized(minikv)"))
        .isInstanceOf(PressSpecException.class)
        .hasMessageContaining("'minikv' comes with 2 bits (group 16, residual 128)");
    assertThatThrownBy(() -> press("adakv(quantized(knorm))"))
        .isInstanceOf(PressSpecException.class);
  }
}
