package dev.kvpress.compare.scale.shard;

import com.google.common.collect.Sets;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.Difference;
import dev.kvpress.compare.run.plan.PlannedReference;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.RunPlan;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether runs belong together: of the same model, data, program, settings and cells. */
final class Agreement {
  /** Runs of two comparisons differ in everything; these tell what they are. */
  private static final int MOST_LINES = 8;

  private static final int MOST_CELLS = 4;

  private Agreement() {}

  /** In what the others differ from the first, a line each; empty if all agree. */
  static List<String> differences(List<RunFolder> folders) {
    List<String> lines = new ArrayList<>();
    for (RunFolder other : folders.subList(1, folders.size())) {
      List<String> found = differences(folders.get(0).plan(), other.plan());
      found.stream()
          .limit(MOST_LINES)
          .map(
              line ->
                  "%s does not belong to %s: %s"
                      .formatted(other.path(), folders.get(0).path(), line))
          .forEach(lines::add);
      if (found.size() > MOST_LINES) {
        lines.add(
            "%s differs in %d things more; folders belong together whose comparisons had the same options but --shard and --output"
                .formatted(other.path(), found.size() - MOST_LINES));
      }
    }
    return lines;
  }

  /** What a run does comes first, since all else may follow from it. */
  private static List<String> differences(RunPlan first, RunPlan other) {
    List<String> lines = new ArrayList<>();
    if (!tasks(first).equals(tasks(other))) {
      lines.add(differs("tasks", tasks(first).toString(), tasks(other).toString()));
    }
    if (first.contexts() != other.contexts()) {
      lines.add(
          differs("contexts", String.valueOf(first.contexts()), String.valueOf(other.contexts())));
    }
    cells(first.cells(), other.cells(), lines);
    Difference.of(first.basis(), other.basis()).forEach(one -> lines.add(one.refusal()));
    reference(first.reference(), other.reference(), lines);
    if (lines.isEmpty() && !first.common().equals(other.common())) {
      // Nothing that has a name differs, so it is something that the keys know alone.
      lines.add(differs("keys of the work", first.common(), other.common()));
    }
    return lines;
  }

  private static void cells(List<CellFacts> first, List<CellFacts> other, List<String> lines) {
    Set<CellFacts> expected = new LinkedHashSet<>(first);
    Set<CellFacts> found = new LinkedHashSet<>(other);
    named(Sets.difference(expected, found), "missing").ifPresent(lines::add);
    named(Sets.difference(found, expected), "new").ifPresent(lines::add);
    if (expected.equals(found) && !first.equals(other)) {
      lines.add("the cells stand in another order");
    }
  }

  private static Optional<String> named(Set<CellFacts> cells, String what) {
    String shown =
        cells.stream()
            .limit(MOST_CELLS)
            .map(cell -> "%s (%s)".formatted(cell.describe(), cell.spec()))
            .collect(Collectors.joining(", "));
    return cells.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%d cells are %s: %s%s"
                .formatted(cells.size(), what, shown, cells.size() > MOST_CELLS ? ", …" : ""));
  }

  /** Tasks with their data, without what was said while they were read. */
  private static List<String> tasks(RunPlan plan) {
    return plan.tasks().stream().map(Agreement::describe).toList();
  }

  private static String describe(PlannedTask task) {
    return "%s (%s, %,d samples)".formatted(task.describe(), task.shape(), task.samples());
  }

  private static void reference(
      @Nullable PlannedReference first, @Nullable PlannedReference other, List<String> lines) {
    if (!Objects.equals(names(first), names(other))) {
      lines.add(differs("reference weights", names(first), names(other)));
    } else if (first != null
        && other != null
        && first.common() != null
        && other.common() != null
        && !first.common().equals(other.common())) {
      lines.add("the model on reference weights differs");
    }
  }

  private static String names(@Nullable PlannedReference reference) {
    return reference == null ? "none" : reference.reference() + " for " + reference.weights();
  }

  private static String differs(String name, String expected, String found) {
    return new Difference(name, expected, found).refusal();
  }
}
