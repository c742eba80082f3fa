package dev.kvpress.compare.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.Quantiles;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Named numbers that a child process has measured; one line of text on its way to the parent. */
public record Figures(Map<String, Double> values) {
  /** How a line of figures begins. */
  public static final String MARK = "bench-figures";

  /** Keeps a copy. */
  public Figures {
    values = Map.copyOf(values);
  }

  /** One figure. */
  public double get(String name) {
    Double value = values.get(name);
    checkArgument(value != null, "no figure %s among %s", name, values.keySet());
    return value;
  }

  /** The line, which {@link #parse} reads again. */
  public String toLine() {
    StringBuilder line = new StringBuilder(MARK);
    values.forEach((name, value) -> line.append(' ').append(name).append('=').append(value));
    return line.toString();
  }

  /** Reads a line. */
  public static Figures parse(String line) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (String part : line.substring(MARK.length()).trim().split(" ", -1)) {
      int equals = part.indexOf('=');
      checkArgument(equals > 0, "expected name=number, found %s", part);
      values.put(part.substring(0, equals), Double.parseDouble(part.substring(equals + 1)));
    }
    return new Figures(values);
  }

  /** Median of one figure over runs. */
  public static double median(List<Figures> runs, String name) {
    return median(runs.stream().mapToDouble(run -> run.get(name)).toArray());
  }

  /** Median of ratios of pairs that ran one after the other, robust against slow phases. */
  static double medianRatio(List<Figures> above, List<Figures> below, String name) {
    checkArgument(above.size() == below.size(), "runs must come in pairs");
    double[] ratios = new double[above.size()];
    Arrays.setAll(ratios, i -> above.get(i).get(name) / below.get(i).get(name));
    return median(ratios);
  }

  /** Median of the ratio of two figures of the same run. */
  static double medianRatio(List<Figures> runs, String above, String below) {
    return median(runs.stream().mapToDouble(run -> run.get(above) / run.get(below)).toArray());
  }

  /** Middle value, or the mean of the two in the middle. */
  public static double median(double[] values) {
    checkArgument(values.length > 0, "no runs");
    return Quantiles.median().compute(values);
  }
}
