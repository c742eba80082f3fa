package dev.kvpress.recipe.auxiliary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.recipe.text.Document.Role;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The arithmetic of trained tensors on data whose answer is known. */
class AuxiliariesTest {
  private static final long SEED = 11;

  @Test
  void theDirectionIsWhereMostVectorsPoint() {
    Random random = new Random(SEED);
    QueryStatistics.Moments moments = new QueryStatistics.Moments(3);
    for (int i = 0; i < 500; i++) {
      // Long along (-0.6, 0.8, 0), noise elsewhere.
      float length = 5 + (float) random.nextGaussian();
      moments.add(
          new float[] {9, -0.6f * length, 0.8f * length, (float) random.nextGaussian() * 0.1f}, 1);
    }
    double[] direction = moments.direction();
    assertThat(direction[0]).isCloseTo(-0.6, within(0.01));
    assertThat(direction[1]).isCloseTo(0.8, within(0.01));
    assertThat(direction[2]).isCloseTo(0, within(0.01));
  }

  @Test
  void momentsAreThoseOfTheSample() {
    QueryStatistics.Moments moments = new QueryStatistics.Moments(2);
    moments.add(new float[] {1, 2}, 0);
    moments.add(new float[] {3, 8}, 0);
    moments.add(new float[] {5, 5}, 0);
    assertThat(moments.mean()).containsExactly(3, 5);
    assertThat(moments.covariance()).containsExactly(4, 3, 3, 9);
  }

  @Test
  void aLinearSurrogateFindsALinearRule() {
    Examples examples = examples(2000, 0);
    Surrogate surrogate = LinearFit.fit(examples);
    assertThat(examples(100, 1).explained(surrogate)).isGreaterThan(0.999);
  }

  @Test
  void aSurrogateWithAHiddenLayerFindsWhatALinearOneCannot() {
    Random random = new Random(SEED);
    float[][] inputs = new float[3000][];
    float[][] targets = new float[3000][];
    for (int i = 0; i < inputs.length; i++) {
      float x = (float) random.nextGaussian();
      float y = (float) random.nextGaussian();
      inputs[i] = new float[] {x, y};
      targets[i] = new float[] {Math.abs(x) - Math.max(0, y)};
    }
    Examples examples = new Examples(inputs, targets);
    assertThat(examples.explained(LinearFit.fit(examples))).isLessThan(0.6);
    assertThat(examples.explained(MlpFit.fit(examples, 16, SEED))).isGreaterThan(0.95);
  }

  private static Examples examples(int count, long seed) {
    Random random = new Random(seed);
    float[][] inputs = new float[count][];
    float[][] targets = new float[count][];
    for (int i = 0; i < count; i++) {
      float a = (float) random.nextGaussian();
      float b = 3 + (float) random.nextGaussian();
      inputs[i] = new float[] {a, b};
      targets[i] = new float[] {2 * a - b + 1, b};
    }
    return new Examples(inputs, targets);
  }

  @Test
  void theNormalDistributionIsRight() {
    assertThat(Normal.below(0)).isCloseTo(0.5, within(1e-7));
    assertThat(Normal.below(1.959964)).isCloseTo(0.975, within(1e-6));
    assertThat(Normal.below(-1)).isCloseTo(0.158655, within(1e-6));
  }

  @Test
  void onlyQueriesThatMustAnswerCountForHeads() {
    dev.kvpress.recipe.model.Shape shape =
        new dev.kvpress.recipe.model.Shape(8, 4, 1, 2, 1, 2, 4, 16, 10_000);
    RetrievalHeads heads = new RetrievalHeads(shape, 1, 2);
    List<Role> roles = List.of(Role.TEXT, Role.FACT, Role.TEXT, Role.TEXT, Role.TEXT, Role.ANSWER);
    try (ai.djl.ndarray.NDManager scope = ai.djl.ndarray.NDManager.newBaseManager("PyTorch")) {
      // Query 4 asks; of its tokens 1 and 2 are neither the first one nor among the last two.
      float[] weights = new float[2 * 36];
      weights[4 * 6 + 1] = 0.3f;
      weights[4 * 6 + 2] = 0.1f;
      weights[4 * 6 + 3] = 0.6f;
      weights[36 + 4 * 6] = 1;
      weights[36 + 5 * 6 + 1] = 1;
      ai.djl.ndarray.NDArray attention =
          scope.create(weights, new ai.djl.ndarray.types.Shape(1, 2, 6, 6));
      heads
          .over(roles)
          .layer(
              0,
              new dev.kvpress.recipe.model.Decoder.Attention(
                  attention, attention, attention, attention, attention, attention));
    }
    assertThat(heads.scores(0)).containsExactly(new float[] {0.4f}, within(1e-6f));
  }
}
