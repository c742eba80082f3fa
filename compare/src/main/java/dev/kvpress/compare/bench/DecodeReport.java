package dev.kvpress.compare.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The figures of all decoding runs as a table, and whether the target is met: of a step at most
 * {@value #OUTSIDE_SMALL} % are spent outside the engine on the bench's own model, at most {@value
 * #OUTSIDE_LARGE} % on larger ones, and a cache in 8 bits costs at most {@value #EIGHT_BITS} times
 * a step of the fused form.
 */
final class DecodeReport {
  static final double OUTSIDE_SMALL = 15;
  static final double OUTSIDE_LARGE = 5;
  static final String FUSED = "fused";
  static final String FULL = "full";
  static final String CUT = "cut";

  /** The cut cache through standard operators, measured where its heads differ in length. */
  static final String CUT_STANDARD = "cut_standard";

  static final String SHORT = "short";

  /**
   * A step over the full cache in 8 bits takes at most as many times as long as over it in full.
   */
  static final double EIGHT_BITS = 1.3;

  private static final List<String> CACHES =
      List.of(FULL, packed(8), packed(4), packed(2), CUT, CUT_STANDARD, SHORT);
  private static final double MIB = 1 << 20;

  private final ShapePreset preset;
  private final long weightBytes;
  private final Map<String, List<Figures>> runs;

  /**
   * A report of one model.
   *
   * @param weightBytes bytes of weights that a step reads
   * @param runs by form of attention
   */
  DecodeReport(ShapePreset preset, long weightBytes, Map<String, List<Figures>> runs) {
    this.preset = preset;
    this.weightBytes = weightBytes;
    this.runs = runs;
  }

  /** The full cache in fewer bits. */
  static String packed(int bits) {
    return "in_%d_bits".formatted(bits);
  }

  /** Time outside the engine, for each form and cache, and what 8 bits cost. */
  List<Check> checks() {
    double limit = preset == ShapePreset.MILLIONS_25 ? OUTSIDE_SMALL : OUTSIDE_LARGE;
    List<Check> checks = new ArrayList<>();
    runs.forEach(
        (form, figures) ->
            caches(figures)
                .forEach(
                    cache ->
                        checks.add(
                            new Check(
                                "outside the engine, %s, %s cache".formatted(form, cache),
                                100 * Figures.median(figures, cache + "_outside"),
                                limit,
                                "%"))));
    List<Figures> fused = runs.getOrDefault(FUSED, List.of());
    if (!fused.isEmpty() && caches(fused).contains(packed(8))) {
      checks.add(
          new Check(
              "a step over the cache in 8 bits",
              Figures.medianRatio(fused, packed(8), FULL),
              EIGHT_BITS,
              "times that over it in full"));
    }
    return checks;
  }

  /** The table for the terminal. */
  String table() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%-11s %-12s %13s %9s %11s %10s %8s %8s%n"
            .formatted(
                "attention",
                "cache",
                "ms per token",
                "of full",
                "outside %",
                "cache MiB",
                "GB/s",
                "of copy"));
    runs.forEach(
        (form, figures) ->
            caches(figures).forEach(cache -> text.append(row(form, cache, figures))));
    double copy =
        Figures.median(
            runs.values().stream()
                .flatMap(List::stream)
                .mapToDouble(run -> run.get("copy"))
                .toArray());
    text.append("a step reads %.1f MiB of weights; ".formatted(weightBytes / MIB));
    text.append("a plain copy reads and writes %.1f GB/s%n".formatted(copy / 1e9));
    checks().forEach(check -> text.append(check.line()));
    return text.toString();
  }

  private static List<String> caches(List<Figures> runs) {
    return CACHES.stream().filter(name -> runs.get(0).values().containsKey(name)).toList();
  }

  private String row(String form, String cache, List<Figures> figures) {
    double[] rates =
        figures.stream()
            .mapToDouble(run -> (weightBytes + run.get(cache + "_read")) / (run.get(cache) / 1e3))
            .toArray();
    double[] ofCopy = new double[rates.length];
    for (int i = 0; i < rates.length; i++) {
      ofCopy[i] = rates[i] / figures.get(i).get("copy");
    }
    return "%-11s %-12s %13.2f %9.2f %11.1f %10.1f %8.1f %8.2f%n"
        .formatted(
            form,
            cache,
            Figures.median(figures, cache),
            Figures.medianRatio(figures, cache, FULL),
            100 * Figures.median(figures, cache + "_outside"),
            Figures.median(figures, cache + "_bytes") / MIB,
            Figures.median(rates) / 1e9,
            Figures.median(ofCopy));
  }
}
