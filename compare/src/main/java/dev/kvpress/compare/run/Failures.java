package dev.kvpress.compare.run;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which cells have failed, and where. A cell is not asked behind its failure, since it has no
 * result any more; before it, it is, so that its error is that of the first sample that fails
 * whatever is done in which order.
 */
final class Failures {
  private record Place(int task, CellPlan cell) {}

  private record Point(int context, int sample) {
    boolean isBefore(Point other) {
      return context < other.context || (context == other.context && sample < other.sample);
    }
  }

  private final Map<Place, Point> first = new HashMap<>();

  /** Takes down a failure. */
  void add(int task, CellPlan cell, int context, int sample) {
    first.merge(
        new Place(task, cell),
        new Point(context, sample),
        (one, other) -> other.isBefore(one) ? other : one);
  }

  /** Whether a piece of work stands behind a failure of its cell. */
  boolean standBefore(int task, CellPlan cell, int context, int sample) {
    @Nullable Point failure = first.get(new Place(task, cell));
    return failure != null && failure.isBefore(new Point(context, sample));
  }

  /** An error as it is reported. */
  static String describe(int sample, RuntimeException e) {
    return describe(sample, e.getMessage() == null ? e.toString() : e.getMessage());
  }

  /** The same of a reason in words. */
  static String describe(int sample, String reason) {
    return "sample " + sample + ": " + reason.replaceAll("\\s+", " ");
  }
}
