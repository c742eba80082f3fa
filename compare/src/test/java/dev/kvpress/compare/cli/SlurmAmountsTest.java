package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmAmountsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "90",
        "90:30",
        "4:00:00",
        "99:59:59",
        "1-12",
        "1-12:30",
        "1-23:59:59",
        "24000-0",
        "unlimited",
        "INFINITE"
      })
  void limitsOfTimeThatSlurmTakes(String typed) {
    assertThat(SlurmAmounts.time(typed)).hasValue(typed.toUpperCase(Locale.ROOT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "soon",
        "",
        "-1",
        "4:",
        "99:99",
        "99:99:99",
        "4:60:00",
        "4:00:00:00",
        "1-24",
        "1-12:60",
        "1-12:00:60",
        "25000-0",
        "99999999",
        "999999999:00:00",
        "99999999999999999999",
        "99999999999999999999-1"
      })
  void othersAreNone(String typed) {
    assertThat(SlurmAmounts.time(typed)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"262144K", "256m", "32G", "1T", "1024T", "1048576g"})
  void sizesThatAJobCouldHave(String typed) {
    assertThat(SlurmAmounts.memory(typed)).hasValue(typed.toUpperCase(Locale.ROOT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "16", "1K", "255M", "0G", "1025T", "99999999999999999999T", "1.5G", "32GB"})
  void sizesThatNoneCould(String typed) {
    assertThat(SlurmAmounts.memory(typed)).isEmpty();
  }
}
