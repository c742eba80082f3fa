package dev.kvpress.presses.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.testing.SyntheticLayer;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeverageTest {
  @Test
  void rotatesKeysBack() {
    SyntheticLayer layer = SyntheticLayer.random(new SyntheticLayer.Shape(1, 1, 1, 30, 8), 1);
    float[] before = layer.keys.clone();
    RotaryParameters rotary = RotaryParameters.ofTheta(10000, 8);
    for (int t = 0; t < 30; t++) {
      for (int i = 0; i < 4; i++) {
        double cos = Math.cos(t * rotary.inverseFrequency(i));
        double sin = Math.sin(t * rotary.inverseFrequency(i));
        float x = before[t * 8 + i];
        float y = before[t * 8 + i + 4];
        layer.keys[t * 8 + i] = (float) (x * cos - y * sin);
        layer.keys[t * 8 + i + 4] = (float) (y * cos + x * sin);
      }
    }
    Set<Signal> needs = Set.of(new Signal.Rotary());
    double[] rotatedBack = Leverage.of(layer.prefill(needs), 0, 5, 1, 0, 0)[0];
    layer.auxiliaries.put("keys_pre_rope", FloatTensor.of(before, 1, 1, 30, 8));
    double[] given = Leverage.of(layer.prefill(needs), 0, 5, 1, 0, 0)[0];
    for (int t = 0; t < 30; t++) {
      assertThat(rotatedBack[t]).isCloseTo(given[t], within(1e-5));
    }
  }
}
