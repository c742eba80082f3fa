package dev.kvpress.compare.scale.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShellWordsTest {
  private static final String NASTY = "ab \t\n\r\\'\"$`!*?~#;&|<>(){}[]%=,-é漢\u0001\u007f";

  @TempDir Path folder;

  /** What bash makes of words written into a script. */
  private List<String> read(String locale, List<String> words) throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash");
    Path script =
        Files.writeString(
            folder.resolve("words.sh"),
            ShellWords.array("words", words) + "printf '%s\\0' \"${words[@]}\"\n");
    ProcessBuilder builder = new ProcessBuilder("/bin/bash", script.toString());
    builder.environment().put("LC_ALL", locale);
    Process bash = builder.start();
    String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).isZero();
    return Arrays.asList(out.substring(0, out.length() - 1).split("\0", -1));
  }

  @Test
  void bashReadsBackWhatWasMeantInEveryLocale() throws Exception {
    Random random = new Random(7);
    List<String> words = new ArrayList<>(List.of("", "~", "--methods", "a b", "$(rm x)", "it's"));
    for (int i = 0; i < 300; i++) {
      StringBuilder word = new StringBuilder();
      for (int length = random.nextInt(9); length >= 0; length--) {
        word.append(NASTY.charAt(random.nextInt(NASTY.length())));
      }
      words.add(word.toString());
    }

    assertThat(read("C", words)).isEqualTo(words);
    assertThat(read("C.UTF-8", words)).isEqualTo(words);
  }

  @Test
  void whatNeedsNoQuotesHasNone() {
    assertThat(ShellWords.bash("--data-path=/a/b.jsonl")).isEqualTo("--data-path=/a/b.jsonl");
    assertThat(ShellWords.bash("dms(h2o)")).isEqualTo("'dms(h2o)'");
    assertThat(ShellWords.directive("1-16%4")).isEqualTo("1-16%4");
  }

  @Test
  void anArrayHasALineForEachOption() {
    assertThat(ShellWords.array("words", List.of("--methods", "h2o", "a b", "--budget", "9")))
        .isEqualTo("words=(\n  --methods h2o 'a b'\n  --budget 9\n)\n");
  }

  @Test
  void optionsOfSbatchEscapeQuotesAndBackslashes() {
    assertThat(ShellWords.directive("a \"b\" \\c")).isEqualTo("\"a \\\"b\\\" \\\\c\"");
  }

  @Test
  void patternsOfLogsDoublePercentAndRefuseWhatTheyCannotName() {
    assertThat(ShellWords.pattern("/a/50%")).isEqualTo("/a/50%%");
    assertThatThrownBy(() -> ShellWords.pattern("/a\\b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/a\\b");
  }
}
