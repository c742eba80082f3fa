package dev.kvpress.recipe.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Selections on scores whose answer can be seen. */
class SelectionTest {
  private static final float PROTECTED = Float.POSITIVE_INFINITY;

  @Test
  void everyHeadKeepsItsHighestScores() {
    boolean[][] lost =
        Selection.uniform(new float[][] {{3, 1, 2, PROTECTED}, {0, 5, 5, PROTECTED}}, 2);
    assertThat(lost[0]).containsExactly(false, true, true, false);
    // Of equal scores the later token stays.
    assertThat(lost[1]).containsExactly(true, true, false, false);
  }

  @Test
  void aFlatHeadTakesTokensFromAPeakedOne() {
    float[][] scores = {
      {90, 1, 1, 1, 1, 1, 1, 1, 2, PROTECTED}, {9, 9, 9, 9, 9, 9, 9, 9, 9, PROTECTED}
    };
    boolean[][] lost = Selection.shared(scores, 5);
    assertThat(kept(lost[0])).isEqualTo(2);
    assertThat(kept(lost[1])).isEqualTo(8);
    assertThat(lost[1]).startsWith(true, true, false);
  }

  @Test
  void aHeadKeepsAFifthOfItsBudgetWhateverItsScores() {
    float[][] scores = new float[2][30];
    for (int i = 0; i < 30; i++) {
      scores[0][i] = i;
      scores[1][i] = 100 + i;
    }
    boolean[][] lost = Selection.shared(scores, 15);
    assertThat(kept(lost[0])).isEqualTo(3);
    assertThat(kept(lost[1])).isEqualTo(27);
    assertThat(lost[0]).endsWith(true, false, false, false);
  }

  private static int kept(boolean[] lost) {
    int kept = 0;
    for (boolean one : lost) {
      kept += one ? 0 : 1;
    }
    return kept;
  }
}
