package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class LogitsTest {
  private static Logits of(float... values) {
    return new Logits(FloatBuffer.wrap(values), values.length / 3, 3);
  }

  @Test
  void likelihoodIsThatOfTheSoftmaxEvenForHugeLogits() {
    Logits logits = of(0, 1, 2, 1000, 999, -1e30f);
    double sum = 1 + Math.E + Math.exp(2);
    assertThat(logits.negativeLogLikelihood(0, 1)).isCloseTo(Math.log(sum) - 1, within(1e-12));
    assertThat(logits.negativeLogLikelihood(1, 0))
        .isCloseTo(Math.log(1 + Math.exp(-1)), within(1e-12));
    assertThatThrownBy(() -> logits.negativeLogLikelihood(0, 3))
        .hasMessageContaining("token id 3 is outside the vocabulary of 3");
  }

  @Test
  void theFirstOfEqualLogitsIsTheMostLikely() {
    assertThat(of(1, 3, 3).argmax(0)).isEqualTo(1);
    assertThat(of(0, 0, 0, -3, -2, -1).argmax(1)).isEqualTo(2);
  }

  @Test
  void theHashSeesEveryBit() {
    assertThat(of(1, 2, 3).bitHash()).isEqualTo(of(1, 2, 3).bitHash());
    assertThat(of(1, 2, 3).bitHash()).isNotEqualTo(of(1, 2, Math.nextUp(3f)).bitHash());
    assertThat(of(0f, 2, 3).bitHash()).isNotEqualTo(of(-0f, 2, 3).bitHash());
  }
}
