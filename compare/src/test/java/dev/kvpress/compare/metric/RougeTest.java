package dev.kvpress.compare.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.compare.metric.words.CommonSubsequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RougeTest {
  // Figures of torchmetrics 1.9.0, functional.text.rouge.rouge_score, without stemming.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "The storm closed three harbours on Monday, and two ships were lost. | Two ships sank when a storm shut three harbours on Monday. | 0.6086956 | 0.3809524 | 0.4347826",
        "Café René's 2nd shop - opened in 1999 - isn't open. | The 2nd shop of Cafe Rene opened in 1999; it isn't open any more | 0.6153846 | 0.4166667 | 0.6153846",
        "so Goran remained the merchant of Hazelby, and Gilda remained the shepherd of Yarrow. the the the | So Goran remained the merchant of Hazelby, and Gilda remained the shepherd of Yarrow. So Uwe remained the coachman of Otterton | 0.7894737 | 0.7222222 | 0.7894737",
        "`` | something | 0 | 0 | 0",
        "one | one | 1 | 0 | 1",
      })
  void agreesWithAnIndependentImplementation(
      String summary, String reference, double rouge1, double rouge2, double rougeL) {
    Rouge rouge = Rouge.of(summary, List.of(reference));
    assertThat(rouge.rouge1()).isCloseTo(rouge1, within(1e-6));
    assertThat(rouge.rouge2()).isCloseTo(rouge2, within(1e-6));
    assertThat(rouge.rougeL()).isCloseTo(rougeL, within(1e-6));
  }

  @Test
  void takesTheBestReferenceForEachFigure() {
    Rouge rouge =
        Rouge.of("the cat sat on the mat", List.of("a cat sat", "the mat the cat on sat"));
    assertThat(rouge.rouge1()).isEqualTo(1.0);
    assertThat(rouge.rouge2()).isCloseTo(0.4, within(1e-12));
    assertThat(rouge.rougeL()).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void repeatsCountOnlyAsOftenAsTheReferenceHasThem() {
    // 2 of 5 words are found, 2 of 2 wanted ones.
    assertThat(Rouge.of("the the the the cat", List.of("the cat")).rouge1())
        .isCloseTo(2 * 0.4 / 1.4, within(1e-12));
  }

  @Test
  void findsTheLongestSubsequenceThatARecursiveSearchFinds() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      List<String> a = letters(random, random.nextInt(9));
      List<String> b = letters(random, random.nextInt(9));
      assertThat(CommonSubsequence.length(a, b)).as("seed %s", seed).isEqualTo(longest(a, b));
    }
  }

  private static List<String> letters(Random random, int count) {
    List<String> letters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      letters.add(String.valueOf((char) ('a' + random.nextInt(3))));
    }
    return letters;
  }

  private static int longest(List<String> a, List<String> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return 0;
    }
    List<String> restA = a.subList(1, a.size());
    List<String> restB = b.subList(1, b.size());
    return a.get(0).equals(b.get(0))
        ? 1 + longest(restA, restB)
        : Math.max(longest(restA, b), longest(a, restB));
  }

  @Test
  void refusesSamplesWithoutAReference() {
    assertThatThrownBy(() -> Rouge.of("text", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found none");
  }
}
