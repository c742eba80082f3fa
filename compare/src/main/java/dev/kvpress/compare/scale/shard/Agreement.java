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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether runs belong together: of the same model, data, program, settings and cells. */
final class Agreement {
  private Agreement() {}

  /** In what the others differ from the first, a line each; empty if all agree. */
  static List<String> differences(List<RunFolder> folders) {
    List<String> lines = new ArrayList<>();
    for (RunFolder other : folders.subList(1, folders.size())) {
      differences(folders.get(0).plan(), other.plan())
          .forEach(
              line ->
                  lines.add(
                      "%s does not belong to %s: %s"
                          .formatted(other.path(), folders.get(0).path(), line)));
    }
    return lines;
  }

  private static List<String> differences(RunPlan first, RunPlan other) {
    List<String> lines = new ArrayList<>();
    Difference.of(first.basis(), other.basis()).forEach(one -> lines.add(one.refusal()));
    cells(first.cells(), other.cells(), lines);
    if (!tasks(first).equals(tasks(other))) {
      lines.add(differs("tasks", tasks(first).toString(), tasks(other).toString()));
    }
    if (first.contexts() != other.contexts()) {
      lines.add(
          differs("contexts", String.valueOf(first.contexts()), String.valueOf(other.contexts())));
    }
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
    Sets.difference(expected, found)
        .forEach(
            cell ->
                lines.add("the cell %s (%s) is missing".formatted(cell.describe(), cell.spec())));
    Sets.difference(found, expected)
        .forEach(
            cell -> lines.add("the cell %s (%s) is new".formatted(cell.describe(), cell.spec())));
    if (expected.equals(found) && !first.equals(other)) {
      lines.add("the cells stand in another order");
    }
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
