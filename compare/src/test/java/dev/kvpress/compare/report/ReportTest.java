package dev.kvpress.compare.report;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.Outcomes;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.presses.spec.PressCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final PressCatalog CATALOG = PressCatalog.load();

  @TempDir Path folder;
  private List<CellOutcome> cells = List.of();
  private List<CellRow> rows = List.of();

  @BeforeEach
  void twoCellsAndAFailure() {
    List<CellPlan> plans =
        CellPlan.of(
            List.of(method("baseline"), method("knorm"), method("tova")), List.of(0.5), List.of());
    cells =
        List.of(
            // Two samples of different length: means must be weighted by tokens.
            new CellOutcome(
                plans.get(0).facts(),
                Outcomes.PERPLEXITY,
                List.of(sample(0, 10, 20.0, 9, 9.0), sample(1, 30, 30.0, 29, 58.0)),
                Optional.empty(),
                List.of()),
            new CellOutcome(
                plans.get(1).facts(),
                Outcomes.PERPLEXITY,
                List.of(sample(0, 10, 24.0, 9, 18.0), sample(1, 30, 34.0, 29, 58.0)),
                Optional.empty(),
                List.of("knorm: look, a \"comma\", here")),
            new CellOutcome(
                plans.get(2).facts(),
                Outcomes.PERPLEXITY,
                List.of(),
                Optional.of("sample 0: it went wrong"),
                List.of()));
    rows = GatheredCells.rows(cells);
  }

  @Test
  void meansAreWeightedByTokens() {
    assertThat(rows.get(0).nll()).isCloseTo(50.0 / 40, within(1e-12));
    assertThat(rows.get(0).nllCompressed()).isCloseTo(67.0 / 38, within(1e-12));
    assertThat(rows.get(0).perplexity()).isCloseTo(Math.exp(67.0 / 38), within(1e-12));
    assertThat(rows.get(0).deltaNll()).isZero();
  }

  @Test
  void theDifferenceBesidePerplexityIsOfTheSameTokens() {
    CellRow full = rows.get(0);
    CellRow cut = rows.get(1);
    assertThat(cut.deltaNll()).isCloseTo(76.0 / 38 - 67.0 / 38, within(1e-12));
    assertThat(Math.log(requireNonNull(cut.perplexity()) / requireNonNull(full.perplexity())))
        .isCloseTo(requireNonNull(cut.deltaNll()), within(1e-12));
    // All predicted tokens have a difference of their own.
    assertThat(requireNonNull(cut.metrics().get("nll")).delta())
        .isCloseTo(58.0 / 40 - 50.0 / 40, within(1e-12));
  }

  @Test
  void metricsAreHeldAgainstTheBaseline() {
    MetricRow perplexity = requireNonNull(rows.get(1).metrics().get("perplexity"));
    assertThat(perplexity.value()).isCloseTo(Math.exp(76.0 / 38), within(1e-12));
    assertThat(perplexity.n()).isEqualTo(2);
    assertThat(perplexity.delta())
        .isCloseTo(Math.exp(76.0 / 38) - Math.exp(67.0 / 38), within(1e-12));
    assertThat(requireNonNull(rows.get(0).metrics().get("perplexity")).delta()).isNull();
    assertThat(rows.get(1).recallAccuracy()).isNull();
    assertThat(rows.get(1).recallCount()).isNull();
  }

  @Test
  void eachTaskHasItsColumnInOneTable() {
    List<CellPlan> plans =
        CellPlan.of(List.of(method("baseline"), method("knorm")), List.of(0.5), List.of());
    List<CellOutcome> both = new ArrayList<>(cells);
    both.add(recall(plans.get(0), true, true));
    both.add(recall(plans.get(1), true, false));
    List<CellRow> all = GatheredCells.rows(both);
    assertThat(all.get(4).recallAccuracy()).isEqualTo(0.5);
    assertThat(all.get(4).recallCount()).isEqualTo(2);
    assertThat(all.get(4).nll()).isNull();
    assertThat(all.get(4).perplexity()).isNull();
    List<String> lines = ResultTable.of(all).lines().filter(l -> l.startsWith("|")).toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(0)).contains("perplexity", "recall accuracy");
    assertThat(lines.get(3)).contains("knorm", "7.3891", "0.5000", "-0.5000");
  }

  private static CellOutcome recall(CellPlan plan, boolean first, boolean second) {
    return new CellOutcome(
        plan.facts(),
        Outcomes.RECALL,
        List.of(
            Outcomes.recall(0, first, Optional.empty()),
            Outcomes.recall(1, second, Optional.empty())),
        Optional.empty(),
        List.of());
  }

  @Test
  void aFailedCellHasNoNumbers() {
    CellRow failed = rows.get(2);
    assertThat(failed.nll()).isNull();
    assertThat(failed.perplexity()).isNull();
    assertThat(failed.achievedRatio()).isNull();
    assertThat(failed.error()).contains("it went wrong");
  }

  @Test
  void aCellOfAPerplexityThatIsNoNumberDoesNotTakeTheOthersAlong() throws Exception {
    List<CellOutcome> hard = new ArrayList<>(cells);
    CellOutcome cut = cells.get(1);
    hard.set(
        1,
        new CellOutcome(
            cut.cell(),
            cut.task(),
            List.of(sample(0, 10, 24.0, 9, 1e308), sample(1, 30, 34.0, 29, 58.0)),
            Optional.empty(),
            List.of()));
    GatheredCells.write(folder.resolve("run"), hard, folder);
    JsonNode rows = new ObjectMapper().readTree(folder.resolve("results.json").toFile());
    assertThat(rows.at("/cells/0/perplexity").isNumber()).isTrue();
    assertThat(rows.at("/cells/1/perplexity").isNull()).isTrue();
    assertThat(rows.at("/cells/1/error").asText())
        .contains("perplexity is Infinity", "largest in sample 0");
  }

  @Test
  void anIntervalThatCannotBeToldIsLeftOutWithAWord() {
    List<CellOutcome> hard = new ArrayList<>(cells);
    CellOutcome cut = cells.get(1);
    hard.set(
        1,
        new CellOutcome(
            cut.cell(),
            cut.task(),
            List.of(sample(0, 10, 24.0, 9, 9 * 900.0), sample(1, 30, 34.0, 29, 29 * 500.0)),
            Optional.empty(),
            List.of()));
    CellRow row = GatheredCells.rows(hard).get(1);
    assertThat(row.error()).isNull();
    MetricRow perplexity = requireNonNull(row.metrics().get("perplexity"));
    assertThat(perplexity.delta()).isNotNull();
    assertThat(perplexity.low()).isNull();
    assertThat(requireNonNull(row.metrics().get("nll_compressed")).low()).isNotNull();
    assertThat(row.warnings())
        .contains("the interval of perplexity leaves the range of numbers and is left out");
  }

  @Test
  void aLineEndInANameOfDataDoesNotBreakTheTable() {
    assertThat(TextTable.of(List.of(List.of("perplexity a\nb\u0007c"), List.of("1"))).lines())
        .hasSize(3)
        .first()
        .isEqualTo("| perplexity a b c |");
  }

  @Test
  void smallRatiosAreWrittenWithoutAnExponent() throws Exception {
    FolderFixture fixture = FolderFixture.in(folder);
    fixture.metric("perplexity", "perplexity", "", false, true);
    fixture.cell("knorm", 0.0005, "perplexity", "a.txt").put("achieved_ratio", 0.0005);
    fixture.write();
    assertThat(ResultTable.of(StoredRows.read(folder))).contains(" 0.0005 ").doesNotContain("E-4");
    assertThat(ResultFolder.read(folder, Limits.NONE).cells().get(0).requested())
        .isEqualTo("0.0005");
  }

  @Test
  void figuresOfOlderFilesThatAreNoNumbersAreNotTold() throws Exception {
    FolderFixture fixture = FolderFixture.full(folder);
    ObjectNode cell = (ObjectNode) fixture.results().at("/cells/1");
    cell.put("perplexity", Double.POSITIVE_INFINITY).remove("warnings");
    ((ObjectNode) cell.at("/metrics/perplexity"))
        .put("value", Double.POSITIVE_INFINITY)
        .put("low", Double.NaN);
    ((ObjectNode) cell.at("/metrics/nll")).putNull("value");
    fixture.write();
    CellRow row = StoredRows.read(folder).get(1);
    assertThat(row.perplexity()).isNull();
    assertThat(row.metrics()).isEmpty();
    assertThat(ResultTable.of(StoredRows.read(folder))).doesNotContain("Infinity", "NaN");
    assertThat(RenderedReport.write(folder, notice -> {})).contains("quality_perplexity.png");
  }

  @Test
  void aRowThatIsNoneIsNamed() throws Exception {
    FolderFixture fixture = FolderFixture.full(folder);
    ((ObjectNode) fixture.results().at("/cells/1")).putArray("samples");
    fixture.write();
    assertThatThrownBy(() -> StoredRows.read(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("results.json: cells[1]: samples: expected it as compare writes it");
  }

  @Test
  void filesHaveTheNamesAndFieldsOfTheContract() throws Exception {
    GatheredCells.write(folder.resolve("run"), cells, folder);
    new ResultFiles(folder)
        .write(
            new RunManifest(
                1, "2026-01-01T00:00:00Z", Map.of(), Map.of(), Map.of(), List.of(), Map.of()));
    ObjectMapper json = new ObjectMapper();
    JsonNode results = json.readTree(folder.resolve("results.json").toFile());
    assertThat(results.get("schema_version").asInt()).isEqualTo(1);
    assertThat(results.get("cells")).hasSize(3);
    assertThat(results.at("/cells/0").fieldNames())
        .toIterable()
        .contains(
            "method",
            "spec",
            "task",
            "data",
            "compression_ratio",
            "achieved_ratio",
            "nll",
            "nll_compressed",
            "perplexity",
            "delta_nll",
            "recall_accuracy",
            "recall_count",
            "kv_bytes_logical",
            "kv_bytes_physical",
            "prefill_ms",
            "press_ms",
            "second_pass_ms",
            "second_pass_tokens",
            "tpot_ms",
            "tpot_spread_ms",
            "tpot_steps",
            "tpot_left_out",
            "samples",
            "tokens",
            "metrics",
            "series");
    assertThat(results.at("/cells/0/compression_ratio").asDouble()).isZero();
    assertThat(results.at("/cells/2/nll").isNull()).isTrue();
    List<String> samples = Files.readAllLines(folder.resolve("samples.jsonl"));
    assertThat(samples).hasSize(4);
    JsonNode second = json.readTree(samples.get(3));
    assertThat(second.get("method").asText()).isEqualTo("knorm");
    assertThat(second.get("sample").asInt()).isEqualTo(1);
    assertThat(second.get("nll").asDouble()).isCloseTo(34.0 / 30, within(1e-12));
    assertThat(second.get("nll_compressed").asDouble()).isCloseTo(2.0, within(1e-12));
    List<String> csv = Files.readAllLines(folder.resolve("results.csv"));
    assertThat(csv.get(0)).startsWith("method,spec,task,data,compression_ratio,");
    assertThat(csv).hasSize(4);
    assertThat(csv.get(2)).contains("\"\"comma\"\"");
    assertThat(folder.resolve("run.json")).exists();
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "results.json",
              "results.csv",
              "samples.jsonl",
              "maps.jsonl",
              "texts.jsonl",
              "run.json",
              "run");
    }
  }

  @Test
  void theTableLinesUpAndTellsErrorsAndWarnings() {
    String table = ResultTable.of(rows);
    List<String> lines = table.lines().filter(line -> line.startsWith("|")).toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.stream().map(String::length).distinct()).hasSize(1);
    assertThat(table).contains("error: tova at 0.5: sample 0: it went wrong");
    // Both take the same time, and knorm alone has something to say.
    assertThat(lines.get(0)).contains("ms/token [1]");
    assertThat(lines.get(2)).doesNotContain("[");
    assertThat(lines.get(3)).startsWith("| knorm ").contains(" [2] |");
    assertThat(table).contains("\n[1] ms/token is left out: ", "\n[2] knorm: look");
  }

  private static CellPlan.Method method(String spec) {
    return new CellPlan.Method(spec, CATALOG.make(spec));
  }

  private static SampleOutcome sample(
      int index, int tokens, double nll, int compressed, double nllCompressed) {
    return Outcomes.perplexity(index, tokens, nll, compressed, nllCompressed);
  }
}
