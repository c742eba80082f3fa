package dev.kvpress.compare.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StringMatchTest {
  @Test
  void sharesCountEachExpectedAnswer() {
    assertThat(StringMatch.share("The numbers are 123 and 456.", List.of("123", "456", "789", "1")))
        .isEqualTo(0.75);
  }

  @Test
  void anyIsContentWithOne() {
    assertThat(StringMatch.any("It was Paris.", List.of("London", "PARIS"))).isEqualTo(1);
    assertThat(StringMatch.any("It was Rome.", List.of("London", "Paris"))).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "It was Paris, of course. | PARIS | 1",
        "Paris's best | Paris | 1",
        "Parisian | Paris | 0",
        "comparison | Paris | 0",
        "1234 | 123 | 0",
        "It is 12. | 12 | 1",
        "12.5 percent | 12 | 0",
        "3,120 people | 120 | 0",
        "12,000 | 12 | 0",
        "11,12,13 | 12 | 1",
        "It is -12 | 12 | 0",
        "It is -12 | -12 | 1",
        "from 10-12 on | 12 | 1",
        "北京是首都 | 北京 | 1",
        "2020年に始まった | 2020 | 1",
        "C++ and C# | C++ | 1",
      })
  void wholeWordsAndNumbersAreFound(String text, String answer, double found) {
    assertThat(StringMatch.anyWord(text, List.of(answer))).isEqualTo(found);
  }

  @Test
  void blanksAreNeverFound() {
    assertThat(StringMatch.anyWord("a b", List.of(" ", ""))).isZero();
  }

  @Test
  void letterCaseDoesNotCount() {
    assertThat(StringMatch.share("an OTTER", List.of("Otter"))).isEqualTo(1);
  }

  @Test
  void refusesSamplesWithoutAnExpectedAnswer() {
    assertThatThrownBy(() -> StringMatch.share("x", List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
