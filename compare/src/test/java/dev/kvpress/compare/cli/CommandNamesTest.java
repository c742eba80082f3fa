package dev.kvpress.compare.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.Problems;
import dev.kvpress.presses.spec.PressCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Names of commands: as values of options, behind options, and in the list of all. */
class CommandNamesTest extends AtHome {
  @TempDir Path folder;

  static Stream<String> commands() {
    return Commands.create(PressCatalog.load()).getSubcommands().keySet().stream();
  }

  private Path reports(String column) throws Exception {
    return Files.writeString(
        folder.resolve("gov.jsonl"),
        "{\"id\": 1, \"%s\": \"The office found that three of four agencies met their goals.\"}\n"
            .formatted(column));
  }

  private static CompareCommand read(String... arguments) {
    Problems problems = new Problems();
    var result = Invocation.read(arguments, problems).result();
    ParseErrors.collect(result, problems);
    assertThat(problems.lines()).isEmpty();
    assertThat(result.hasSubcommand()).isFalse();
    return (CompareCommand) result.commandSpec().userObject();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aValueMayBeCalledLikeACommand(String name) throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("run.yaml"), "text_column: %s\noutput: %s\n".formatted(name, name));

    assertThat(read("--text-column", name, "--methods", "baseline").data.source.textColumn)
        .isEqualTo(name);
    assertThat(read("--text-column=" + name).data.source.textColumn).isEqualTo(name);
    assertThat(read("--output", name).output).isEqualTo(name);
    assertThat(read("--methods", "h2o", name, "--output", name).methods)
        .containsExactly("h2o", name);
    assertThat(read("--data-path", "a", name).data.data).containsExactly("a", name);
    CompareCommand configured = read("--config", config.toString());
    assertThat(configured.data.source.textColumn).isEqualTo(name);
    assertThat(configured.output).isEqualTo(name);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aFirstWordIsTheCommandAndAPressOfItsNameIsUnknown(String name) {
    Run press = Run.of("--methods", "baseline", name);

    assertThat(Run.of(name, "--help").out()).startsWith("Usage: compare " + name);
    assertThat(press.code()).isEqualTo(2);
    assertThat(press.errors())
        .singleElement()
        .asString()
        .startsWith("compare: --methods: unknown press '%s'".formatted(name));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void anOptionBeforeACommandIsRefused(String name) {
    Run run = Run.of("--fresh", name);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors().get(0))
        .isEqualTo(
            "compare: --fresh: stands before the command '%s', which does not read it there; a command comes first: compare %s …"
                .formatted(name, name));
  }

  @Test
  void reportsAreReadFromTheColumnOfTheirName() throws Exception {
    Path output = folder.resolve("diff");

    Run run =
        Run.of(
            "--data-path",
            reports("report").toString(),
            "--text-column",
            "report",
            "--tasks",
            "perplexity",
            "--methods",
            "baseline",
            "--output",
            output.toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(output.resolve("results.json")).exists();
  }

  @Test
  void aClusterReadsThemToo() throws Exception {
    Run run =
        Run.of(
            "slurm",
            "--array",
            "2",
            "--output",
            folder.resolve("report").toString(),
            "--",
            "--data-path",
            reports("report").toString(),
            "--text-column",
            "report",
            "--methods",
            "baseline");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(folder.resolve("report/slurm/compare.sh"))
        .content()
        .contains("  --text-column report\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-- --methods h2o | --: expected options alone, found a lone --, behind which none are"
            + " read; leave it out",
        "--methods h2o -- baseline | --: expected options alone, found a lone --, behind which none"
            + " are read; leave it out",
        "list presses -- --format=json | --format: stands behind --, where no options are read;"
            + " leave -- out"
      })
  void optionsBehindALoneDashAreNamed(String arguments, String message) {
    Run run = Run.of(arguments.split(" "));

    assertThat(run.errors()).containsExactly("compare: " + message);
    assertThat(run.code()).isEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void whatTheListSaysOfACommandIsWhole(String name) {
    String[] described =
        requireNonNull(Commands.create(PressCatalog.load()).getSubcommands().get(name))
            .getCommandSpec()
            .usageMessage()
            .description();

    assertThat(described.length == 1 || described[0].endsWith("."))
        .as("ends where a sentence does: %s", described[0])
        .isTrue();
  }
}
