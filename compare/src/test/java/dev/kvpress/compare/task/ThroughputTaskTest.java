package dev.kvpress.compare.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.SampleOutcome;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThroughputTaskTest {
  private static final int TOKENS = 5;

  // 4 layers, 3 heads, keys and values of 32 floats.
  private static final long BYTES_PER_TOKEN = 4 * 3 * 2 * 32 * 4;

  private static DemoModel model;

  @BeforeAll
  static void open(@TempDir Path cache) {
    model = new DemoModel(cache);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static List<CellOutcome> run(TaskOptions.Throughput batches, String... methods)
      throws Exception {
    TaskOptions options =
        new TaskOptions(
            false,
            OptionalInt.of(TOKENS),
            42,
            TemplateChoice.NONE,
            TaskOptions.Shots.NONE,
            TaskOptions.Ruler.DEFAULT,
            new TaskOptions.Latency(0, 2),
            batches);
    return model.run(
        new ThroughputTask(), DemoModel.data("stories.jsonl"), 1, options, 0.75, methods);
  }

  private static double figure(CellOutcome cell, String name) {
    return cell.samples().get(0).figure(name).orElseThrow().sum();
  }

  @Test
  void everyBatchIsMeasuredAndTheBestOneCounts() throws Exception {
    for (CellOutcome cell :
        run(new TaskOptions.Throughput(List.of(3, 2), OptionalLong.empty()), "knorm")) {
      SampleOutcome sample = cell.samples().get(0);
      assertThat(sample.series(ThroughputTask.BATCH_ROWS)).containsExactly(1.0, 2.0, 3.0);
      List<Double> rates = sample.series(ThroughputTask.TOKENS_PER_SECOND_OF_BATCH);
      assertThat(rates).hasSize(3).allMatch(rate -> rate > 0);
      double best = rates.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
      assertThat(figure(cell, ThroughputTask.THROUGHPUT)).isEqualTo(best);
      assertThat(figure(cell, ThroughputTask.BEST_BATCH)).isEqualTo(1.0 + rates.indexOf(best));
      assertThat(figure(cell, ThroughputTask.THROUGHPUT_ALONE)).isEqualTo(rates.get(0));
      assertThat(figure(cell, ThroughputTask.THROUGHPUT_LARGEST)).isEqualTo(rates.get(2));
      assertThat(figure(cell, ThroughputTask.LARGEST_BATCH)).isEqualTo(3);
    }
  }

  /** A smaller cache leaves room for more rows in the same memory. */
  @Test
  void theLargestBatchThatFitsIsFound() throws Exception {
    long budget = 12_000 * BYTES_PER_TOKEN;
    TaskOptions.Throughput batches =
        new TaskOptions.Throughput(List.of(1, 2), OptionalLong.of(budget));
    List<CellOutcome> cells = run(batches, "knorm");
    double full = figure(cells.get(0), ThroughputTask.LARGEST_BATCH);
    double cut = figure(cells.get(1), ThroughputTask.LARGEST_BATCH);
    assertThat(cut).isGreaterThan(2 * full);
    for (CellOutcome cell : cells) {
      double row = figure(cell, ThroughputTask.KV_BYTES_PER_ROW);
      assertThat(figure(cell, ThroughputTask.LARGEST_BATCH)).isEqualTo(Math.floor(budget / row));
    }
  }

  @Test
  void aBudgetThatNoRowFitsIsRefused() {
    assertThatThrownBy(
            () -> new TaskOptions.Throughput(List.of(), OptionalLong.of(1000)).largest(1001))
        .hasMessageContaining("--cache-budget")
        .hasMessageContaining("1001 bytes")
        .hasMessageContaining("raise it");
    assertThatThrownBy(() -> new TaskOptions.Throughput(List.of(0), OptionalLong.empty()))
        .hasMessageContaining("--batch-sizes");
  }
}
