package dev.kvpress.recipe.auxiliary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Gates and their gradient on numbers made up here. */
class GateFitTest {
  @Test
  void theGradientIsTheSlopeOfTheLoss() {
    Gate gate = new Gate(5, 2, 3, 4, 3, 1);
    Random random = new Random(2);
    float[] input = new float[5];
    for (int i = 0; i < input.length; i++) {
      input[i] = (float) random.nextGaussian();
    }
    // Norms and biases away from where they begin.
    for (int i = gate.queryBiasAt(); i < gate.parameters().length; i++) {
      gate.parameters()[i] += 0.3f * (float) random.nextGaussian();
    }
    float[] target = {0.9f, 0.2f};

    float[] gradient = GateFit.gradient(gate, input, target);

    double steepest = 0;
    for (int i = 0; i < gradient.length; i++) {
      steepest = Math.max(steepest, Math.abs(gradient[i]));
      float before = gate.parameters()[i];
      float step = 1e-2f;
      gate.parameters()[i] = before + step;
      double above = GateFit.loss(gate, input, target);
      gate.parameters()[i] = before - step;
      double below = GateFit.loss(gate, input, target);
      gate.parameters()[i] = before;
      assertThat((double) gradient[i])
          .as("parameter %d", i)
          .isCloseTo((above - below) / (2 * step), within(2e-3));
    }
    assertThat(steepest).isGreaterThan(0.05);
  }

  @Test
  void learnsWhichStatesAreImportant() {
    Random random = new Random(3);
    float[][] inputs = new float[4000][];
    float[][] targets = new float[4000][];
    for (int i = 0; i < inputs.length; i++) {
      float x = (float) random.nextGaussian();
      float y = (float) random.nextGaussian();
      inputs[i] = new float[] {x, y, 1};
      targets[i] = new float[] {x * y > 0 ? 0.9f : 0.1f};
    }
    Examples examples = new Examples(inputs, targets);

    Gate gate = GateFit.fit(examples, new Gate(3, 1, 2, 8, 4, 5), 5);

    assertThat(examples.explained(gate)).isGreaterThan(0.8);
  }

  @Test
  void theSameSeedGivesTheSameGate() {
    float[][] inputs = new float[200][];
    float[][] targets = new float[200][];
    Random random = new Random(4);
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = new float[] {(float) random.nextGaussian(), 1};
      targets[i] = new float[] {random.nextFloat()};
    }
    Examples examples = new Examples(inputs, targets);
    Gate one = GateFit.fit(examples, new Gate(2, 1, 1, 4, 2, 6), 7);
    Gate other = GateFit.fit(examples, new Gate(2, 1, 1, 4, 2, 6), 7);
    assertThat(one.parameters()).containsExactly(other.parameters());
  }
}
