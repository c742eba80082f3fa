package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsageTest {
  @TempDir Path folder;

  private Run compare(String... arguments) throws Exception {
    Path data = Files.writeString(folder.resolve("data.txt"), "text\n");
    List<String> all =
        new ArrayList<>(List.of("--model", folder.toString(), "--data-path", data.toString()));
    all.addAll(List.of(arguments));
    return Run.of(all.toArray(new String[0]));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--methods h2o --compression-ratio 1.0 | --compression-ratio: expected the fraction removed, in [0, 1) (1 would leave nothing), found '1.0'",
        "--methods h2o --compression-ratio -1 | --compression-ratio: expected the fraction removed, in [0, 1) (1 would leave nothing), found '-1'",
        "--methods h2o --compression-ratio nan | --compression-ratio: expected the fraction removed, in [0, 1) (1 would leave nothing), found 'nan'",
        "--methods h2o --budget 0 | --budget: expected a whole number of at least 1, found '0'",
        "--methods h2 --budget 9 | --methods: unknown press 'h2', did you mean 'h2o'?",
        "--methods h2o( --budget 9 | --methods: press spec 'h2o(': expected a press or name=value at character 5, found the end",
        "--methods h2o(window=3) --budget 9 | --methods: unknown parameter of h2o 'window'",
        "--methods h2o | --compression-ratio: expected a ratio (or --budget), since press 'h2o' follows a budget",
        "--compression-ratio 0.5 | --methods: expected at least one, found none",
        "--methods baseline --chunk-size 0 | --chunk-size: expected a whole number of at least 1, found '0'",
        "--methods baseline --max-length x | --max-length: expected a whole number of at least 2, found 'x'",
        "--methods baseline --provider gpu | --provider: unknown value 'gpu'",
        "--methods baseline --protocol stream | --protocol: unknown value 'stream'",
        "--methods baseline --tasks summary | --tasks: unknown task 'summary'",
        "--methods baseline --max-sample 3 | unknown option '--max-sample', did you mean '--max-samples'?",
        "--methods baseline --threshold high | --threshold: dms: threshold must be a number, found 'high'",
        "--methods baseline --thresholds h20=1 | --thresholds: unknown press 'h20', did you mean 'h2o'?",
        "--methods baseline --thresholds h2o=x | --thresholds: expected a number for h2o, found 'x'",
        "--methods baseline --threads | --threads: expected a value, found nothing",
        "--methods baseline --threads 1 --threads 2 | --threads: expected once, found several times",
        "--methods dms(knorm,threshold=1) --protocol streaming | --protocol streaming: press 'dms(knorm,threshold=1)' works in prefill only",
        "--methods knorm --budget 9 --positions slot | --positions: expected one of true, rolled, found 'slot'",
        "--methods knorm --budget 9 --positions true rolled | --positions rolled: expected --protocol streaming",
        "--methods h2o --budget 1e11 | --budget: expected a whole number of at most 2147483647, found '1e11'",
        "--methods h2o,,tova --budget 9 | --methods: expected a press, found nothing",
        "--methods baseline --output /proc/nowhere | cannot make the output folder /proc/nowhere: no such file or folder",
        "--methods baseline --compression-ratio 0.5 | --compression-ratio 0.5: nothing would be removed, since the baseline keeps everything; name a press that follows a budget",
        "--methods baseline dms(h2o) think --budget 9 4 | --budget 9 4: nothing would change, since 'dms(h2o)', 'think' follow no budget",
        "--methods h2o --budget 9 --threshold 1 | --threshold: expected a dms among the presses, found none",
        "--methods baseline --seed x | --seed: expected a whole number, found 'x'"
      })
  void saysWhatIsWrongInOneLine(String arguments, String message) throws Exception {
    Run run = compare(arguments.split(" "));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.errors()).hasSize(1);
    assertThat(run.err()).startsWith("compare: " + message);
  }

  @Test
  void saysEverythingAtOnce() {
    Run run =
        Run.of(
            "--methods",
            "h2",
            "tovaa",
            "--compression_ratio",
            "0.5",
            "2",
            "--chunk-size",
            "0",
            "--model",
            "/no/such/model",
            "--data-path",
            "/no/such/data",
            "--whatever");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("'h2'")
        .contains("'tovaa'")
        .contains("found '2'")
        .contains("--chunk-size")
        .contains("/no/such/model")
        .contains("/no/such/data")
        .contains("'--whatever'")
        .doesNotContain("\tat ");
    assertThat(run.errors()).hasSize(7);
  }

  @Test
  void anUnknownSubcommandNamesTheNearest() {
    Run run = Run.of("scor", "--batch", "-");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("unknown sub-command 'scor', did you mean 'score'?");
  }

  @Test
  void aModelThatIsNoneIsRefusedInOneLine() throws Exception {
    Run run = compare("--methods", "baseline", "--cache-dir", folder.resolve("c").toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).hasSize(1);
    assertThat(run.err()).contains(folder.toString());
  }

  @Test
  void helpNamesTheOptionsAndTheCommands() {
    Run run = Run.of("--help");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("--compression-ratio", "--h2o-local-window-size", "replay", "generate")
        .doesNotContain("--snapkv-kernel-size=");
  }

  @Test
  void listShowsEveryPressWithDefaultsAndSignals() {
    Run run = Run.of("list");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("local_window_size=512", "signals: attention_sums", "dms", "streaming_llm");
  }

  @Test
  void exportWantsAFileAndKnownSignals() {
    Run run = Run.of("export", "--model", folder.toString(), "--signals", "attention,nothing");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).hasSize(3);
    assertThat(run.err())
        .contains(
            "--output: expected the .onnx file",
            "unknown signal 'attention', did you mean 'attentions'?");
  }

  @Test
  void generateWantsAPromptAndABudget() {
    Run run = Run.of("generate", "--model", folder.toString(), "--press", "knorm");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--prompt: expected a text", "press 'knorm' follows a budget");
  }

  @Test
  void theListOfCommandsCutsNoSentence() {
    String text = Run.of("--help").out().replaceAll("\\s+", " ");

    assertThat(text)
        .contains("for use by other programs. generate ", "a model and data. support ")
        .contains("prints a table in Markdown. completion ");
  }

  @Test
  void supportLooksForEveryModelBeforeItTriesTheFirst() {
    Run run = Run.of("support", folder.toString(), folder.resolve("nowhere").toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).singleElement().asString().contains("MODEL: expected", "nowhere");
  }
}
