package dev.kvpress.compare.report.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.report.FolderFixture;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultFolderTest {
  private static final Topic PERPLEXITY = new Topic("perplexity", FolderFixture.DATA);

  @TempDir Path temp;

  private ResultFolder read(FolderFixture fixture) {
    return ResultFolder.read(fixture.write(), Limits.NONE);
  }

  @Test
  void readsEverythingThatAComparisonWrites() {
    ResultFolder folder = read(FolderFixture.full(temp));
    assertThat(folder.topics())
        .extracting(Topic::task)
        .containsExactly("perplexity", "recall", "latency");
    assertThat(folder.metrics(PERPLEXITY)).containsExactly("perplexity", "nll");
    assertThat(folder.baseline(PERPLEXITY).orElseThrow().value("perplexity")).contains(3.37);
    assertThat(folder.samples()).hasSize(8);
    assertThat(folder.keepMaps()).hasSize(2);
    assertThat(folder.keepMaps().get(0).heads()).hasSize(4).allMatch(row -> row.length == 160);
    assertThat(folder.texts().get(0).tokens().get(0)).isEqualTo(FolderFixture.HOSTILE);
    assertThat(folder.attention().get(1).head()).isEqualTo(1);
    assertThat(folder.notices()).isEmpty();
    assertThat(folder.modelName()).isEqualTo("demo");
  }

  @Test
  void takesTheTimeOfATokenFromTheLatencyTaskWhereACellHasNone() {
    ResultFolder folder = read(FolderFixture.full(temp));
    Cell recall =
        folder.cells(new Topic("recall", FolderFixture.DATA)).stream()
            .filter(cell -> cell.label().equals("h2o at 0.6"))
            .findFirst()
            .orElseThrow();
    assertThat(recall.tpotMs()).isNull();
    assertThat(folder.msPerToken(recall)).hasValueSatisfying(ms -> assertThat(ms).isPositive());
  }

  @Test
  void readsFoldersFromBeforeThereWereTasks() throws IOException {
    FolderFixture fixture = FolderFixture.in(temp);
    fixture
        .cell("baseline", 0.0, "perplexity", "a.txt")
        .put("nll", 1.0)
        .put("perplexity", 3.0)
        .put("delta_nll", 0.0)
        .remove("metrics");
    fixture
        .cell("h2o", 0.5, "perplexity", "a.txt")
        .put("nll", 1.25)
        .put("perplexity", 3.5)
        .put("delta_nll", 0.25)
        .remove("metrics");
    fixture.results().remove("metrics");
    Files.writeString(
        temp.resolve("samples.jsonl"),
        "{\"method\":\"h2o\",\"task\":\"perplexity\",\"compression_ratio\":0.5,\"budget\":null,\"sample\":0,\"nll\":1.2,\"nll_compressed\":1.1,\"tokens\":9,\"achieved_ratio\":0.5}\n");
    ResultFolder folder = read(fixture);
    MetricValue perplexity = folder.cells().get(1).metrics().get("perplexity");
    assertThat(perplexity.delta()).isEqualTo(0.5);
    assertThat(perplexity.low()).isNull();
    assertThat(folder.cells().get(1).metrics().get("nll").delta()).isEqualTo(0.25);
    assertThat(folder.cells().get(0).metrics().get("nll").delta()).isNull();
    assertThat(folder.samples().get(0).figures()).isEmpty();
  }

  @Test
  void saysWhatIsLeftOutOfLargeFolders() {
    Path folder = FolderFixture.full(temp).write();
    ResultFolder cut = ResultFolder.read(folder, new Limits(2, 100, 700, 1, 5_000));
    assertThat(cut.samples()).hasSize(4).allMatch(sample -> sample.sample() < 2);
    assertThat(cut.keepMaps()).hasSize(1);
    assertThat(cut.attention()).hasSize(1);
    assertThat(cut.notices())
        .containsExactlyInAnyOrder(
            "4 of 8 lines of samples.jsonl are shown, the rest stands in the file",
            "1 of 2 keep maps are shown, the rest stands in maps.jsonl",
            "1 of 2 attention maps are shown, the rest stands in attention.jsonl");
  }

  @Test
  void leavesMetricsOutThatNobodyDescribes() {
    FolderFixture fixture = FolderFixture.full(temp);
    FolderFixture.figure((ObjectNode) fixture.results().at("/cells/0"), "beauty", 1, null, 0);
    ResultFolder folder = read(fixture);
    assertThat(folder.cells().get(0).metrics()).doesNotContainKey("beauty");
    assertThat(folder.notices()).singleElement().asString().contains("beauty");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          results.json    |                          | results.json: expected a file of a finished comparison, found nothing
          run.json        |                          | run.json: expected a file of a finished comparison, found nothing
          results.json    | {"cells":[               | expected a JSON object, found broken JSON at line 1
          results.json    | []                       | expected a JSON object, found something else
          results.json    | {"schema_version":9}     | expected schema_version 1, found 9
          results.json    | {"schema_version":1}     | expected cells, a list of at least one, found none
          samples.jsonl   | {"method":               | samples.jsonl:1: expected one JSON object
          maps.jsonl      | {"method":"h2o"}         | maps.jsonl:1: a keep map needs
          attention.jsonl | {"tokens":2,"values":[[1.0],[1.0]]} | values[1]: expected 2 keys, found 1
          """)
  void namesTheFileThatIsMissingOrBroken(String name, String content, String message)
      throws IOException {
    Path folder = FolderFixture.full(temp).write();
    if (content == null) {
      Files.delete(folder.resolve(name));
    } else {
      Files.writeString(folder.resolve(name), content);
    }
    assertThatThrownBy(() -> ResultFolder.read(folder, Limits.PAGE))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  @Test
  void namesTheFieldThatDoesNotFit() {
    FolderFixture fixture = FolderFixture.full(temp);
    ((ObjectNode) fixture.results().at("/cells/2")).put("achieved_ratio", "much");
    assertThatThrownBy(() -> read(fixture))
        .hasMessageContaining(
            "results.json: cells[2]: achieved_ratio: expected a number, found \"much\"");
    ((ArrayNode) fixture.results().get("cells")).remove(2);
    ((ObjectNode) fixture.results().at("/cells/2")).remove("task");
    assertThatThrownBy(() -> read(fixture))
        .hasMessageContaining("cells[2]: a cell needs the field task");
  }

  @Test
  void aFileThatIsThereAndCannotBeReadIsNoneThatIsAbsent() throws IOException {
    Path folder = FolderFixture.full(temp).write();
    Path samples = folder.resolve("samples.jsonl");
    Files.delete(samples);
    Files.createSymbolicLink(samples, Path.of("samples.jsonl"));
    assertThatThrownBy(() -> ResultFolder.read(folder, Limits.NONE))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("samples.jsonl: cannot be read: ");
    Files.delete(folder.resolve("run.json"));
    Files.createDirectory(folder.resolve("run.json"));
    assertThatThrownBy(() -> ResultFolder.read(folder, Limits.NONE))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("run.json: cannot be read: Is a directory");
  }

  @Test
  void aPartThatIsNullIsNamedAndNotTakenForAFaultOfTheProgram() throws IOException {
    for (String file : new String[] {"samples", "maps", "texts", "attention"}) {
      Path folder = FolderFixture.full(temp.resolve(file)).write();
      for (String line :
          new String[] {"null", "{\"tokens\":null,\"values\":[null],\"kept\":[null]}"}) {
        Files.writeString(folder.resolve(file + ".jsonl"), line + "\n");
        if (!(file.equals("texts") && line.startsWith("{"))) {
          assertThatThrownBy(() -> ResultFolder.read(folder, Limits.NONE))
              .as(file + " " + line)
              .isInstanceOf(DataException.class)
              .hasMessageContaining(file + ".jsonl");
        }
      }
    }
    FolderFixture fixture = FolderFixture.full(temp.resolve("cells"));
    ((ObjectNode) fixture.results().at("/cells/0/metrics")).putNull("nll");
    fixture.results().putArray("weights").addObject().put("task", "perplexity");
    assertThatThrownBy(() -> read(fixture))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("results.json: cells[0]: ")
        .hasMessageContaining("expected all its parts");
    ((ObjectNode) fixture.results().at("/cells/0/metrics")).remove("nll");
    assertThatThrownBy(() -> read(fixture))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("results.json: weights[0]: ");
    fixture.results().putArray("weights").addNull();
    assertThatThrownBy(() -> read(fixture))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("results.json: weights[0]: expected an object");
  }

  @Test
  void refusesWhatIsNoFolder() {
    assertThatThrownBy(() -> ResultFolder.read(temp.resolve("nowhere"), Limits.PAGE))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("expected the output folder of a comparison, found nothing");
  }
}
