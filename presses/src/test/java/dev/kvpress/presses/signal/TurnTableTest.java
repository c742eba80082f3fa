package dev.kvpress.presses.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnTableTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void agreesWithTheRotationItself(boolean interleaved) {
    double[] frequencies = {1, 0.3, 0.01, 1e-4};
    RotaryParameters rotary = new RotaryParameters(frequencies, 1.25, interleaved);
    TurnTable turns = TurnTable.upTo(rotary, 100_001);
    Random random = new Random(3);
    for (int position : new int[] {0, 1, 63, 64, 65, 127, 128, 4095, 99_999, 100_000}) {
      // Two channels behind the pairs stay as they are.
      double[] expected = random.doubles(10, -1, 1).toArray();
      double[] found = expected.clone();
      rotary.unrotate(expected, position);
      turns.unrotate(found, position);
      assertThat(found).containsExactly(expected, within(1e-10));
    }
  }
}
