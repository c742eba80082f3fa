package dev.kvpress.recipe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class DecoderTest {
  private static final Shape SMALL = new Shape(50, 24, 2, 4, 2, 6, 20, 64, 10_000);

  @Test
  void nothingDependsOnLaterTokens() {
    long[] ids = {3, 14, 15, 9, 26, 5, 35, 8, 9, 7, 9};
    float[] before = logs(ids);
    for (int changed = 1; changed < ids.length; changed++) {
      long[] other = ids.clone();
      other[changed] = 40;
      float[] after = logs(other);
      for (int i = 0; i < changed * SMALL.vocabulary(); i++) {
        assertThat(after[i]).isCloseTo(before[i], within(1e-5f));
      }
      float difference = 0;
      for (int i = changed * SMALL.vocabulary(); i < after.length; i++) {
        difference = Math.max(difference, Math.abs(after[i] - before[i]));
      }
      assertThat(difference).isGreaterThan(1e-3f);
    }
  }

  @Test
  void probabilitiesSumToOne() {
    float[] logs = logs(new long[] {1, 2, 3});
    double sum = 0;
    for (int v = 0; v < SMALL.vocabulary(); v++) {
      sum += Math.exp(logs[v]);
    }
    assertThat(sum).isCloseTo(1, within(1e-4));
  }

  private static float[] logs(long[] ids) {
    try (Decoder decoder = Decoder.fresh(SMALL, 7);
        NDManager scope = NDManager.newBaseManager("PyTorch")) {
      NDArray input = scope.create(ids, new ai.djl.ndarray.types.Shape(1, ids.length));
      return decoder.logProbabilities(input).toFloatArray();
    }
  }
}
