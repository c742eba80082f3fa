package dev.kvpress.compare.report.picture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.report.FolderFixture;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;

class ThroughputPictureTest {
  private static final Topic TOPIC = new Topic("throughput", "d");

  @TempDir Path temp;

  private static void curve(ObjectNode cell, String name, double... values) {
    for (double value : values) {
      cell.withObject("/series").withArray(name).add(value);
    }
  }

  private static double[] xs(XYSeries series) {
    return series.getXData();
  }

  /** A line ends at the largest batch, whether that is one of the sizes or beyond them. */
  @Test
  void aLineGoesThroughAllBatchesToTheLargestOne() {
    FolderFixture fixture = FolderFixture.in(temp);
    fixture.metric("throughput", "throughput", "", true, true);
    fixture.metric("throughput_largest", "throughput", "", true, false);
    fixture.metric("largest_batch", "throughput", "", true, false);
    ObjectNode full = fixture.cell("baseline", 0.0, "throughput", "d");
    curve(full, "batch_rows", 1, 2, 4);
    curve(full, "tokens_per_second_of_batch", 100, 150, 180);
    FolderFixture.figure(full, "largest_batch", 4, null, 0);
    FolderFixture.figure(full, "throughput_largest", 180, null, 0);
    ObjectNode cut = fixture.cell("h2o", 0.8, "throughput", "d");
    curve(cut, "batch_rows", 1, 2, 4);
    curve(cut, "tokens_per_second_of_batch", 110, 200, 350);
    FolderFixture.figure(cut, "largest_batch", 6, null, 0);
    FolderFixture.figure(cut, "throughput_largest", 400, null, 0);
    ResultFolder folder = ResultFolder.read(fixture.write(), Limits.NONE);
    XYChart chart = ThroughputPicture.of(folder, TOPIC).orElseThrow();
    assertThat(xs(chart.getSeries("baseline"))).containsExactly(0, 1, 2);
    XYSeries longer = chart.getSeries("h2o at 0.8");
    assertThat(xs(longer)).containsExactly(0, 1, 2, Math.log(6) / Math.log(2));
    assertThat(longer.getYData()).containsExactly(110, 200, 350, 400);
    assertThat(TOPIC.isSpeed()).isTrue();
    assertThat(Pictures.write(folder, temp)).isEqualTo(List.of("throughput_by_batch.png"));
  }

  @Test
  void thereIsNoneWithoutBatches() {
    FolderFixture fixture = FolderFixture.in(temp);
    fixture.metric("throughput", "throughput", "", true, true);
    fixture.cell("h2o", 0.5, "throughput", "d");
    ResultFolder folder = ResultFolder.read(fixture.write(), Limits.NONE);
    assertThat(ThroughputPicture.of(folder, TOPIC)).isEmpty();
  }
}
