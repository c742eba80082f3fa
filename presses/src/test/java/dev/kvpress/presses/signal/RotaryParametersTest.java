package dev.kvpress.presses.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RotaryParametersTest {
  private static final double[] QUARTER_TURN = {Math.PI / 2};

  @Test
  void pairsAreHalvesApartOrNeighbours() {
    double[] halves = {1, 2, 3, 4, 5};
    new RotaryParameters(new double[] {Math.PI / 2, Math.PI}, 1).turn(halves, 1);
    assertClose(halves, -3, -2, 1, -4, 5);
    double[] neighbours = {1, 2, 3, 4, 5};
    new RotaryParameters(new double[] {Math.PI / 2, Math.PI}, 1, true).turn(neighbours, 1);
    assertClose(neighbours, -2, 1, -3, -4, 5);
  }

  @Test
  void theFactorIsOnWhatIsTurnedAndNotOnTheRest() {
    RotaryParameters rotary = new RotaryParameters(QUARTER_TURN, 3);
    double[] vector = {1, 2, 7};
    rotary.rotate(vector, 1);
    assertClose(vector, -6, 3, 7);
    rotary.unrotate(vector, 1);
    assertClose(vector, 1, 2, 7);
    rotary.turn(vector, 1);
    assertClose(vector, -2, 1, 7);
  }

  @Test
  void aLayerThatTurnsNothingLeavesVectorsAlone() {
    double[] vector = {1, 2};
    RotaryParameters.none().rotate(vector, 9);
    assertClose(vector, 1, 2);
  }

  private static void assertClose(double[] actual, double... expected) {
    assertThat(actual).containsExactly(expected, within(1e-12));
  }
}
