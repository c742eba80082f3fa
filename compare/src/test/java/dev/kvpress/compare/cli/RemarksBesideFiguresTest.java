package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What touches a figure stands beside it everywhere, also where nothing else is said. */
class RemarksBesideFiguresTest extends AtHome {
  private static final Path STORIES = ROOT.resolve("test-data/datasets/stories.jsonl");

  @TempDir Path folder;

  private Run compare(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of(
            "--model",
            ROOT.resolve("test-data/models/demo").toString(),
            "--cache-dir",
            folder.resolve("cache").toString(),
            "--output",
            folder.resolve("out").toString(),
            "--quiet"));
    return Run.of(all.toArray(new String[0]));
  }

  private JsonNode cells() throws Exception {
    return new ObjectMapper().readTree(folder.resolve("out/results.json").toFile()).get("cells");
  }

  @Test
  void documentsThatWereCutAreMarkedAtTheColumnInTheFilesAndOnThePage() throws Exception {
    Run run =
        compare(
            "--methods",
            "knorm",
            "--compression-ratio",
            "0.5",
            "--tasks",
            "perplexity",
            "--data-path",
            STORIES.toString(),
            "--max-samples",
            "2",
            "--max-length",
            "64");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines().findFirst().orElseThrow()).contains("perplexity [1]");
    assertThat(run.out()).contains("\n[1] ").contains("2 documents were cut to 64 tokens");
    for (JsonNode cell : cells()) {
      assertThat(cell.get("warnings"))
          .anySatisfy(line -> assertThat(line.asText()).contains("cut to 64"));
    }
    assertThat(Files.readAllLines(folder.resolve("out/results.csv")).get(1)).contains("cut to 64");
    assertThat(Files.readString(folder.resolve("out/report.html")))
        .contains("href=\"#note-1\"", "<li id=\"note-1\">[1] ", "cut to 64 tokens");
    Run again = Run.of("report", folder.resolve("out").toString());
    assertThat(again.out()).contains("perplexity [1]", "\n[1] ");
  }

  /**
   * A line of the table but for its last cell: whether times say something depends on the machine.
   */
  private static String withoutTime(Run run, String beginning) {
    String line = run.out().lines().filter(l -> l.startsWith(beginning)).findFirst().orElseThrow();
    return line.substring(0, line.lastIndexOf('|', line.length() - 2));
  }

  @Test
  void whatAPressDidOtherwiseStandsAtItsOwnFigureAlsoInARunThatGoesOn() throws Exception {
    String[] arguments = {
      "--methods",
      "knorm",
      "h2o",
      "--h2o-local-window-size",
      "900",
      "--compression-ratio",
      "0.6",
      "--tasks",
      "perplexity",
      "--data-path",
      STORIES.toString(),
      "--max-samples",
      "1"
    };
    Run first = compare(arguments);
    Run second = compare(arguments);

    assertThat(first.code()).as(first.err()).isZero();
    for (Run run : List.of(first, second)) {
      assertThat(run.err()).isEmpty();
      String h2o = withoutTime(run, "| h2o");
      String knorm = withoutTime(run, "| knorm");
      assertThat(h2o).contains(" [");
      assertThat(knorm).doesNotContain("[");
      assertThat(run.out()).contains("] h2o: ").contains("protected window");
    }
    assertThat(cells().get(2).get("warnings")).hasSize(1);
    assertThat(cells().get(1).get("warnings")).isEmpty();
  }

  @Test
  void theTableIsTheSameInEveryLanguage() {
    Locale before = Locale.getDefault();
    List<String> tables = new ArrayList<>();
    try {
      for (String language : List.of("en", "tr", "ar-EG", "de-DE", "th-TH-u-nu-thai")) {
        Locale.setDefault(Locale.forLanguageTag(language));
        Run run =
            compare(
                "--methods",
                "KNORM(N_SINK=2)",
                "--compression-ratio",
                "0.5",
                "--tasks",
                "perplexity",
                "--data-path",
                STORIES.toString(),
                "--max-samples",
                "1",
                "--max-length",
                "200");
        assertThat(run.code()).as(language + ": " + run.err()).isIn(0, 2);
        tables.add(run.code() + run.out() + run.err());
        assertThat(Locale.getDefault().toLanguageTag()).isEqualTo(language);
      }
    } finally {
      Locale.setDefault(before);
    }
    // All but the first go on where it stopped: the very times are the same.
    assertThat(tables).allMatch(tables.get(0)::equals);
  }
}
