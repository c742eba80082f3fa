package dev.kvpress.compare.task;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.metric.Rouge;
import dev.kvpress.compare.metric.RougePackage;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The figures of a summary, each by the package that counts it so. */
final class RougeColumns {
  /** Behind a figure's name: stemmed, as HELM reports it. */
  private static final String STEMMED = "_stemmed";

  /** Behind a figure's name: by the package {@code rouge}, as the H2O repository reports it. */
  private static final String PACKAGE = "_h2o";

  /** A figure of {@link Rouge}, which both of its variants have. */
  private record Variant(String name, String label, ToDoubleFunction<Rouge> figure) {}

  private static final ImmutableList<Variant> VARIANTS =
      ImmutableList.of(
          new Variant("rouge1", "ROUGE-1 F1", Rouge::rouge1),
          new Variant("rouge2", "ROUGE-2 F1", Rouge::rouge2),
          new Variant("rougeL", "ROUGE-L F1", Rouge::rougeL),
          new Variant("rougeLsum", "ROUGE-Lsum F1", Rouge::rougeLsum));

  private RougeColumns() {}

  static List<Metric> metrics() {
    ImmutableList.Builder<Metric> metrics = ImmutableList.builder();
    VARIANTS.forEach(v -> metrics.add(metric(v.name(), v.label())));
    VARIANTS.forEach(v -> metrics.add(metric(v.name() + STEMMED, v.label() + ", stemmed (HELM)")));
    VARIANTS.stream()
        .limit(3)
        .forEach(v -> metrics.add(metric(v.name() + PACKAGE, v.label() + ", package rouge (H2O)")));
    return metrics.build();
  }

  private static Metric metric(String name, String label) {
    return Metric.mean(name, label, "fraction", true);
  }

  static Map<String, Figure> figures(String summary, List<String> references) {
    Rouge plain = Rouge.of(summary, references);
    Rouge stemmed = Rouge.of(summary, references, Rouge.Words.STEMMED);
    RougePackage other = RougePackage.of(summary, references);
    ImmutableMap.Builder<String, Figure> figures = ImmutableMap.builder();
    for (Variant variant : VARIANTS) {
      figures.put(variant.name(), Figure.of(variant.figure().applyAsDouble(plain)));
      figures.put(variant.name() + STEMMED, Figure.of(variant.figure().applyAsDouble(stemmed)));
    }
    figures.put("rouge1" + PACKAGE, Figure.of(other.rouge1()));
    figures.put("rouge2" + PACKAGE, Figure.of(other.rouge2()));
    figures.put("rougeL" + PACKAGE, Figure.of(other.rougeL()));
    return figures.buildOrThrow();
  }
}
