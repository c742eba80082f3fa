package dev.kvpress.runtime.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.decode.TestLogits;
import dev.kvpress.runtime.decode.TokenChoice;
import dev.kvpress.runtime.decode.TokenHistory;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which token a request's options choose. */
class SamplingOptionsTest {
  private static final Logits LOGITS = TestLogits.of(1, 4, -2, 4, 3);

  private static int chosen(SamplingOptions options, TokenHistory text) {
    return options.choice().choose(LOGITS, 0, text);
  }

  private static int chosen(SamplingOptions options) {
    return chosen(options, TestLogits.text(new int[] {2}));
  }

  @Test
  void atTemperatureZeroTheLikeliestIsTaken() {
    assertThat(SamplingOptions.GREEDY.choice()).isSameAs(TokenChoice.GREEDY);
    assertThat(SamplingOptions.temperature(0).withTopP(0.1).withTopK(3).withSeed(4).choice())
        .isSameAs(TokenChoice.GREEDY);
    assertThat(chosen(SamplingOptions.GREEDY)).isEqualTo(1);
  }

  @Test
  void theLikeliestIsThatOfTheChangedLogits() {
    SamplingOptions greedy = SamplingOptions.GREEDY;
    assertThat(chosen(greedy.withLogitBias(Map.of(2, 6.5)))).isEqualTo(2);
    assertThat(chosen(greedy.withLogitBias(Map.of(2, 6.0)))).as("the first of equals").isEqualTo(1);
    TokenHistory text = TestLogits.text(new int[] {1}, 3, 3);
    // 4/1.2, -2, 4/1.2, 3 beside 1.
    assertThat(chosen(greedy.withRepetitionPenalty(1.2), text)).isEqualTo(1);
    assertThat(chosen(greedy.withRepetitionPenalty(1.4), text)).isEqualTo(4);
    // Token 1 stands in the prompt alone, which these two do not count.
    assertThat(chosen(greedy.withPresencePenalty(5), TestLogits.text(new int[] {1}, 1, 3)))
        .isEqualTo(4);
    assertThat(chosen(greedy.withPresencePenalty(5), text)).isEqualTo(1);
    TokenHistory twice = TestLogits.text(new int[] {0}, 1, 3, 1);
    assertThat(chosen(greedy.withFrequencyPenalty(0.4), twice)).isEqualTo(3);
    assertThat(chosen(greedy.withFrequencyPenalty(1.5), twice)).isEqualTo(4);
  }

  @Test
  void theLogitsThemselvesStay() {
    float before = LOGITS.get(0, 1);
    chosen(SamplingOptions.GREEDY.withRepetitionPenalty(2), TestLogits.text(new int[] {1}));
    assertThat(LOGITS.get(0, 1)).isEqualTo(before);
  }

  private static int[] drawn(SamplingOptions options) {
    TokenChoice choice = options.choice();
    TokenHistory[] texts =
        IntStream.range(0, 40)
            .mapToObj(i -> TestLogits.text(new int[] {0}, new int[i]))
            .toArray(TokenHistory[]::new);
    Logits flat = TestLogits.of(new float[50]);
    return IntStream.range(0, texts.length).map(i -> choice.choose(flat, 0, texts[i])).toArray();
  }

  @Test
  void aSeedRepeatsAndNoneDoesNot() {
    SamplingOptions free = SamplingOptions.temperature(1);
    assertThat(drawn(free.withSeed(5))).isEqualTo(drawn(free.withSeed(5)));
    assertThat(drawn(free.withSeed(5))).isNotEqualTo(drawn(free.withSeed(6)));
    assertThat(drawn(free)).isNotEqualTo(drawn(free));
    SamplingOptions seeded = free.seeded();
    assertThat(drawn(seeded)).isEqualTo(drawn(seeded));
    assertThat(seeded.seeded()).isSameAs(seeded);
    assertThat(free.seeded().seed()).isNotEqualTo(seeded.seed());
  }

  @Test
  void eachOptionHasItsMethod() {
    assertThat(
            SamplingOptions.temperature(0.5)
                .withTopK(1)
                .withTopP(0.2)
                .withMinP(0.3)
                .withRepetitionPenalty(1.5)
                .withPresencePenalty(0.6)
                .withFrequencyPenalty(0.7)
                .withLogitBias(Map.of(8, 9.0))
                .withSeed(10))
        .isEqualTo(
            new SamplingOptions(
                0.5, 1, 0.2, 0.3, 1.5, 0.6, 0.7, Map.of(8, 9.0), java.util.OptionalLong.of(10)));
  }

  static Object[][] refused() {
    SamplingOptions greedy = SamplingOptions.GREEDY;
    return new Object[][] {
      {
        "temperature must be 0 or more and finite, found -0.1",
        of(() -> greedy.withTemperature(-.1))
      },
      {"found NaN", of(() -> greedy.withTemperature(Double.NaN))},
      {"found Infinity", of(() -> greedy.withTemperature(Double.POSITIVE_INFINITY))},
      {"top_k must not be negative, found -1", of(() -> greedy.withTopK(-1))},
      {"top_p must be in (0, 1], found 0.0", of(() -> greedy.withTopP(0))},
      {"top_p must be in (0, 1], found 1.01", of(() -> greedy.withTopP(1.01))},
      {"top_p must be in (0, 1], found NaN", of(() -> greedy.withTopP(Double.NaN))},
      {"min_p must be in [0, 1], found -0.5", of(() -> greedy.withMinP(-0.5))},
      {
        "repetition_penalty must be above 0 and finite, found 0.0",
        of(() -> greedy.withRepetitionPenalty(0))
      },
      {"presence_penalty must be finite", of(() -> greedy.withPresencePenalty(Double.NaN))},
      {
        "frequency_penalty must be finite",
        of(() -> greedy.withFrequencyPenalty(Double.NEGATIVE_INFINITY))
      },
      {"expected token ids from 0 on, found -3", of(() -> greedy.withLogitBias(Map.of(-3, 1.0)))},
      {
        "logit_bias of token 3 must be finite",
        of(() -> greedy.withLogitBias(Map.of(3, Double.NEGATIVE_INFINITY)))
      },
    };
  }

  private static Supplier<SamplingOptions> of(Supplier<SamplingOptions> made) {
    return made;
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesWhatIsOutOfRange(String message, Supplier<SamplingOptions> made) {
    assertThatThrownBy(made::get)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesABiasOnTokensThatTheModelLacks() {
    SamplingOptions biased = SamplingOptions.GREEDY.withLogitBias(Map.of(5, 1.0));
    assertThatThrownBy(() -> biased.requireTokens(5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("logit_bias names token 5, but the model has ids from 0 to 4");
    biased.requireTokens(6);
    assertThatThrownBy(() -> chosen(biased)).hasMessageContaining("token 5");
  }
}
