package dev.kvpress.presses.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErfTest {
  @ParameterizedTest
  @CsvSource({
    "0,1",
    "0.5,0.4795001221869535",
    "1,0.15729920705028513",
    "-1,1.8427007929497148",
    "2.4,0.0006885138966450786",
    "2.6,0.00023603441652934920",
    "4,1.541725790028002e-8",
    "30,0"
  })
  void knowsTheTable(double x, double complement) {
    assertThat(Erf.complement(x)).isCloseTo(complement, within(1e-12));
  }
}
