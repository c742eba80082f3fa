package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.spec.PressCatalog;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {

  private static String[] normalise(String... arguments) {
    return Arguments.normalise(arguments, Commands.create(PressCatalog.load()).getCommandSpec());
  }

  @Test
  void underscoresInNamesBecomeHyphensAndValuesStay() {
    assertThat(normalise("--data_path=my_file_a.txt", "--max_samples", "3"))
        .containsExactly("--data-path=my_file_a.txt", "--max-samples=3");
  }

  @Test
  void severalValuesGoToTheirOptionUpToTheNext() {
    assertThat(normalise("--methods", "h2o", "streaming_llm", "--quiet", "--budget", "8", "16"))
        .containsExactly(
            "--methods=h2o", "--methods=streaming_llm", "--quiet", "--budget=8", "--budget=16");
  }

  @Test
  void negativeNumbersAreValues() {
    assertThat(normalise("--compression-ratio", "-1", "0.5", "--threshold", "-6"))
        .containsExactly("--compression-ratio=-1", "--compression-ratio=0.5", "--threshold=-6");
  }

  @Test
  void optionsOfSubcommandsAreKnown() {
    assertThat(normalise("score", "--batch", "-", "--h2o_local_window_size", "4"))
        .containsExactly("score", "--batch=-", "--h2o-local-window-size=4");
  }

  @Test
  void aMissingValueIsLeftToTheParser() {
    assertThat(normalise("--model", "--quiet")).containsExactly("--model", "--quiet");
  }

  @Test
  void commasSplitOutsideBracketsAndQuotesOnly() {
    assertThat(Arguments.split(List.of("a, dms(h2o,threshold=1),b", "kvzap(path='x,y')")))
        .containsExactly("a", "dms(h2o,threshold=1)", "b", "kvzap(path='x,y')");
  }
}
