package dev.kvpress.compare.report;

import dev.kvpress.compare.report.folder.WeightCost;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the format of the weights costs by itself, as a table in plain text: the full cache's
 * perplexity in the format of the run and in the one it is held against. Behind ± stands half the
 * width of the difference's 95 % interval.
 */
public final class WeightTable {
  private static final String NONE = "-";

  private WeightTable() {}

  /** The table behind an empty line, and why there is no difference; empty without entries. */
  public static String of(List<WeightCost> costs) {
    if (costs.isEmpty()) {
      return "";
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of("weights", "data", "full-cache perplexity", "ΔNLL to " + costs.get(0).reference()));
    StringBuilder reasons = new StringBuilder();
    for (WeightCost cost : costs) {
      lines.add(
          List.of(cost.weights(), cost.data(), number("%.4f", cost.perplexity()), delta(cost)));
      if (cost.missing() == null) {
        lines.add(
            List.of(
                cost.reference(), cost.data(), number("%.4f", cost.referencePerplexity()), NONE));
      } else {
        reasons.append(reason(cost)).append('\n');
      }
    }
    return "\n" + TextTable.of(lines) + reasons;
  }

  /** Why there is nothing to hold the full cache against. */
  private static String reason(WeightCost cost) {
    return "what %s weights cost on %s is not known: %s"
        .formatted(cost.weights(), cost.data(), cost.missing());
  }

  private static String delta(WeightCost cost) {
    String interval =
        cost.low() == null || cost.high() == null
            ? ""
            : String.format(Locale.ROOT, " ±%.4f", (cost.high() - cost.low()) / 2);
    return number("%+.4f", cost.deltaNll()) + interval;
  }

  private static String number(String format, @Nullable Double value) {
    return value == null ? NONE : String.format(Locale.ROOT, format, value);
  }
}
