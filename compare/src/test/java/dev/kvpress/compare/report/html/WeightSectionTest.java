package dev.kvpress.compare.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.report.FolderFixture;
import dev.kvpress.compare.report.folder.WeightCost;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WeightSectionTest {
  private static WeightCost cost(String data, @Nullable Double delta, @Nullable String missing) {
    Double low = delta == null ? null : Double.valueOf(delta - 0.001);
    Double high = delta == null ? null : Double.valueOf(delta + 0.001);
    Double reference = delta == null ? null : Double.valueOf(3.3);
    return new WeightCost(
        "perplexity",
        data,
        "baseline",
        "int4",
        3.336,
        "f32",
        reference,
        delta,
        low,
        high,
        8,
        missing);
  }

  @Test
  void showsBothFormatsAndTheDifference() {
    assertThat(WeightSection.html(List.of(cost("stories.jsonl", 0.009, null))))
        .contains("<td class=\"wrap\">int4</td>", "<td class=\"wrap\">f32</td>")
        .contains("3.336", "3.300", "+0.0090 [+0.0080, +0.0100]");
  }

  @Test
  void saysWhyThereIsNoDifferenceAndEscapesIt() {
    assertThat(WeightSection.html(List.of(cost(FolderFixture.HOSTILE, null, "<b>&"))))
        .contains("not known: &lt;b&gt;&amp;")
        .doesNotContain("<script>", "<img", "<b>");
  }

  @Test
  void isLeftOutWhereWeightsCostNothing() {
    assertThat(WeightSection.html(List.of())).isEmpty();
  }
}
