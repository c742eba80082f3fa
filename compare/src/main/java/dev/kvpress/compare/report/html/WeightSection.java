package dev.kvpress.compare.report.html;

import com.google.common.html.HtmlEscapers;
import dev.kvpress.compare.report.folder.WeightCost;
import dev.kvpress.compare.report.folder.Words;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section on what the format of the weights costs by itself; absent where it costs nothing. */
final class WeightSection {
  private static final List<String> HEADS =
      List.of("Weights", "Data", "Perplexity of the full cache", "Nats per token");

  private WeightSection() {}

  static String html(List<WeightCost> costs) {
    if (costs.isEmpty()) {
      return "";
    }
    StringBuilder html = new StringBuilder("<section aria-labelledby=\"h-weights\">\n");
    html.append("<h2 id=\"h-weights\">What the weights cost by themselves</h2>\n")
        .append(
            "<p class=\"note\" id=\"weights-caption\">The whole cache in both formats over the ")
        .append("same samples: no method has a part in this difference. Brackets hold its ")
        .append("95&#8239;% interval.</p>\n")
        .append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" ")
        .append("aria-labelledby=\"weights-caption\">")
        .append("<table id=\"weights\" aria-labelledby=\"weights-caption\"><thead><tr>");
    for (String head : HEADS) {
      html.append("<th scope=\"col\" class=\"text\">").append(head).append("</th>");
    }
    html.append("</tr></thead><tbody>");
    for (WeightCost cost : costs) {
      row(html, cost.weights(), cost.data(), cost.perplexity(), difference(cost));
      row(
          html,
          cost.reference(),
          cost.data(),
          cost.referencePerplexity(),
          cost.missing() == null ? "–" : "not known: " + cost.missing());
    }
    return html.append("</tbody></table></div>\n</section>\n").toString();
  }

  private static void row(
      StringBuilder html, String weights, String data, @Nullable Double perplexity, String delta) {
    html.append("<tr>");
    for (String cell :
        List.of(weights, data, perplexity == null ? "–" : Words.number(perplexity), delta)) {
      html.append("<td class=\"wrap\">")
          .append(HtmlEscapers.htmlEscaper().escape(cell))
          .append("</td>");
    }
    html.append("</tr>");
  }

  private static String difference(WeightCost cost) {
    if (cost.deltaNll() == null) {
      return "–";
    }
    String interval =
        cost.low() == null || cost.high() == null
            ? ""
            : " [%s, %s]".formatted(Words.signed(cost.low()), Words.signed(cost.high()));
    return Words.signed(cost.deltaNll()) + interval;
  }
}
