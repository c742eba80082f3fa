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
import org.knowm.xchart.XYSeries;

class PositionPictureTest {
  private static final Topic TOPIC = new Topic("perplexity", "d");

  @TempDir Path temp;

  private static void curves(ObjectNode cell, int blocks, double nll, double bytes) {
    for (int i = 0; i < blocks; i++) {
      cell.withObject("/series").withArray("nll_by_128_tokens").add(nll + i % 2);
      cell.withObject("/series").withArray("kv_bytes_by_128_tokens").add(bytes);
    }
  }

  private ResultFolder folder(int blocks) {
    FolderFixture fixture = FolderFixture.in(temp);
    fixture.metric("perplexity", "perplexity", "", false, true);
    curves(fixture.cell("baseline", 0.0, "perplexity", "d"), blocks, 1, 1 << 20);
    curves(fixture.cell("h2o", 0.8, "perplexity", "d"), blocks, 2, 1 << 19);
    return ResultFolder.read(fixture.write(), Limits.NONE);
  }

  @Test
  void bothChartsHaveALineForEachCell() {
    Stack stack = (Stack) PositionPicture.of("p.png", folder(3), TOPIC).orElseThrow();
    XYSeries loss = stack.charts().get(0).getSeries("h2o at 0.8");
    assertThat(loss.getXData()).containsExactly(64, 192, 320);
    assertThat(loss.getYData()).containsExactly(2, 3, 2);
    assertThat(
            stack
                .charts()
                .get(0)
                .getStyler()
                .getyAxisTickLabelsFormattingFunction()
                .apply(Math.log(8)))
        .isEqualTo("8.00");
    XYSeries cache = stack.charts().get(1).getSeries("baseline");
    assertThat(cache.getYData()).containsExactly(1, 1, 1);
    assertThat(stack.draw().getHeight()).isEqualTo(2 * stack.charts().get(0).getHeight());
  }

  @Test
  void longCurvesAreMeansOfSeveralBlocks() {
    Stack stack = (Stack) PositionPicture.of("p.png", folder(96), TOPIC).orElseThrow();
    XYSeries loss = stack.charts().get(0).getSeries("baseline");
    assertThat(loss.getXData()).hasSize(48).startsWith(128, 384);
    assertThat(loss.getYData()).containsOnly(1.5);
  }

  @Test
  void aPointIsNoCurve() {
    assertThat(PositionPicture.of("p.png", folder(1), TOPIC)).isEmpty();
    assertThat(Pictures.write(folder(3), temp)).contains("perplexity_by_position.png");
    assertThat(List.of(TOPIC.isSpeed())).containsExactly(false);
  }
}
