package dev.kvpress.compare.report.picture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.report.FolderFixture;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
  @TempDir Path temp;

  @Test
  void drawsEverythingThatTheFolderHasDataFor() throws IOException {
    Path folder = FolderFixture.full(temp).needles("h2o", 0.6).needles("baseline", 0.0).write();
    List<String> names = Pictures.write(ResultFolder.read(folder, Limits.NONE), folder);
    assertThat(names)
        .contains(
            "quality_perplexity.png",
            "quality_recall.png",
            "pareto_perplexity_kv_bytes.png",
            "pareto_perplexity_ms_per_token.png",
            "latency_by_token.png",
            "heatmap_layer_02_log.png",
            "heatmap_layer_03_head_01_log.png",
            "needles_recall_h2o_at_0.6.png",
            "needles_recall_baseline.png",
            "keep_map_perplexity_h2o_at_0.6_sample_0.png");
    for (String name : names) {
      assertThat(colours(ImageIO.read(folder.resolve(name).toFile()))).as(name).isGreaterThan(20);
    }
  }

  @Test
  void aPictureThatCannotBeDrawnDoesNotTakeTheOthersAlong() {
    FolderFixture fixture = FolderFixture.full(temp);
    for (JsonNode cell : fixture.results().withArray("cells")) {
      if (cell.path("task").asText().equals("recall")) {
        ObjectNode figure =
            ((ObjectNode) cell).withObject("/metrics").withObject("/recall_accuracy");
        figure.put("value", cell.path("method").asText().equals("h2o") ? -1.7e308 : 1.7e308);
      }
    }
    Path folder = fixture.write();
    List<String> notices = new ArrayList<>();
    List<String> names =
        Pictures.write(ResultFolder.read(folder, Limits.NONE), folder, notices::add);
    assertThat(names)
        .contains("quality_perplexity.png", "keep_map_perplexity_h2o_at_0.6_sample_0.png");
    assertThat(notices).isNotEmpty().allSatisfy(n -> assertThat(n).contains("is not drawn"));
    assertThat(names).doesNotContain("quality_recall.png");
  }

  private static int colours(BufferedImage image) {
    Set<Integer> seen = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        seen.add(image.getRGB(x, y));
      }
    }
    return seen.size();
  }
}
