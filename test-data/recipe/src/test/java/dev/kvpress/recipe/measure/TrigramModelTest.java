package dev.kvpress.recipe.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TrigramModelTest {
  @Test
  void probabilitiesSumToOneSeenOrNot() {
    TrigramModel model = new TrigramModel(6);
    model.add(new int[] {0, 1, 2, 3, 1, 2, 4, 1, 2, 3});
    for (int[] context : new int[][] {{0, 1, 2, 0}, {5, 5, 5, 0}, {3, 1, 0}}) {
      double sum = 0;
      for (int next = 0; next < 6; next++) {
        int[] ids = context.clone();
        ids[ids.length - 1] = next;
        sum += model.probability(ids, ids.length - 1);
      }
      assertThat(sum).isCloseTo(1, within(1e-9));
    }
  }

  @Test
  void prefersWhatFollowedMoreOften() {
    TrigramModel model = new TrigramModel(6);
    model.add(new int[] {0, 1, 2, 3, 1, 2, 4, 1, 2, 3});
    assertThat(model.probability(new int[] {0, 1, 2, 3}, 3))
        .isGreaterThan(model.probability(new int[] {0, 1, 2, 4}, 3))
        .isGreaterThan(0.3);
  }
}
