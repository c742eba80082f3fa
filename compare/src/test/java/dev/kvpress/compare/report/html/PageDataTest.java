package dev.kvpress.compare.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.kvpress.compare.report.FolderFixture;
import dev.kvpress.compare.report.folder.AttentionMap;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.verdict.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageDataTest {
  @TempDir Path temp;

  @Test
  void jsonInAScriptElementHoldsNothingThatMarkupKnows() throws IOException {
    String hostile = FolderFixture.HOSTILE + "\uD800 <!--<script>";
    String json = InlineJson.write(JsonNodeFactory.instance.textNode(hostile));
    assertThat(json).doesNotContain("<", ">", "&", "\u2028", "\u2029");
    assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(json)).isTrue();
    assertThat(new ObjectMapper().readTree(json).asText()).isEqualTo(hostile);
  }

  @Test
  void attentionKeepsItsOrderOfMagnitude() {
    AttentionMap map =
        new AttentionMap(
            "d", 0, 0, null, 2, List.of(new float[] {1f, 0f}, new float[] {1e-3f, 1e-9f}));
    // One decade is 254 / 5 levels.
    assertThat(PageMaps.levels(map)).containsExactly((byte) 255, (byte) (1 + 102), (byte) 1);
  }

  @Test
  void thePageIsTheSameForTheSameFolder() {
    Path folder = FolderFixture.full(temp).write();
    String once = ReportPage.of(ResultFolder.read(folder, Limits.PAGE));
    assertThat(ReportPage.of(ResultFolder.read(folder, Limits.PAGE))).isEqualTo(once);
    assertThat(once).doesNotContain("{{").doesNotContain("src=\"http").doesNotContain("<link");
  }

  @Test
  void aTimeThatSaysNothingIsLeftOutWithItsReason() {
    FolderFixture fixture = FolderFixture.in(temp);
    fixture.metric("nll", "perplexity", "nats", false, true);
    fixture
        .cell("h2o", 0.5, "perplexity", "d")
        .put("tpot_ms", 85)
        .put("tpot_spread_ms", 3)
        .putNull("tpot_left_out");
    fixture
        .cell("knorm", 0.5, "perplexity", "d")
        .put("tpot_ms", 103)
        .put("tpot_spread_ms", 30)
        .put("tpot_left_out", "it says nothing");
    ResultFolder folder = ResultFolder.read(fixture.write(), Limits.NONE);
    JsonNode cells = new PageData(folder, Verdict.of(folder)).toJson().get("cells");
    assertThat(cells.at("/0/tpot").asDouble()).isEqualTo(85);
    assertThat(cells.at("/0/tpotSpread").asDouble()).isEqualTo(3);
    assertThat(cells.at("/0/tpotNotes")).isEmpty();
    assertThat(cells.at("/1/tpot").isNull()).isTrue();
    assertThat(cells.at("/1/msPerToken").isNull()).isTrue();
    assertThat(cells.at("/1/tpotNotes/0").asInt()).isEqualTo(1);
    assertThat(new PageParts(folder, Verdict.of(folder)).problems())
        .contains("<li id=\"note-1\">[1] it says nothing</li>");
  }

  @Test
  void longCurvesAreAveraged() {
    FolderFixture fixture = FolderFixture.in(temp);
    fixture.metric("tpot_ms", "latency", "ms", false, true);
    ArrayNode times =
        fixture.cell("h2o", 0.5, "latency", "d").withObject("/series").putArray("token_ms");
    for (int i = 0; i < 2_500; i++) {
      times.add(i);
    }
    ResultFolder folder = ResultFolder.read(fixture.write(), Limits.NONE);
    JsonNode cell = new PageData(folder, Verdict.of(folder)).toJson().at("/cells/0");
    assertThat(cell.get("tokensPerPoint").asInt()).isEqualTo(3);
    assertThat(cell.get("tokenMs")).hasSize(834);
    assertThat(cell.at("/tokenMs/1").asDouble()).isEqualTo(4);
  }
}
