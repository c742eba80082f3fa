package dev.kvpress.compare.run;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.Remark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** Gathers the outcomes of samples by task and cell, and the first error of each. */
final class CellCollector {
  private record Place(Assignment assignment, CellPlan plan) {}

  private final Map<Place, TreeMap<Integer, SampleOutcome>> samples = new LinkedHashMap<>();
  private final Map<Place, String> errors = new LinkedHashMap<>();
  private final Set<String> said = new LinkedHashSet<>();
  private final List<Assignment> assignments;
  private final List<CellPlan> plans;
  private final OptionalInt widestWindow;
  private final Progress progress;

  CellCollector(
      List<Assignment> assignments,
      List<CellPlan> plans,
      OptionalInt widestWindow,
      Progress progress) {
    this.assignments = assignments;
    this.plans = plans;
    this.widestWindow = widestWindow;
    this.progress = progress;
    for (Assignment assignment : assignments) {
      plans.forEach(plan -> samples.put(new Place(assignment, plan), new TreeMap<>()));
    }
  }

  void add(Assignment assignment, CellPlan plan, SampleOutcome outcome) {
    requireNonNull(samples.get(new Place(assignment, plan))).put(outcome.sample(), outcome);
  }

  /** Notes an error and returns it as it will be reported. */
  String fail(Assignment assignment, CellPlan plan, int sample, RuntimeException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    String error = "sample " + sample + ": " + message.replaceAll("\\s+", " ");
    errors.putIfAbsent(new Place(assignment, plan), error);
    return error;
  }

  boolean hasFailed(Assignment assignment, CellPlan plan) {
    return errors.containsKey(new Place(assignment, plan));
  }

  /** Says remarks of presses when they first come. */
  void say(List<Remark> remarks) {
    remarks.stream().map(Remark::text).filter(said::add).forEach(progress::notice);
  }

  /** All cells, task by task, checked against the baseline where there is one. */
  List<CellOutcome> outcomes() {
    List<CellOutcome> all = new ArrayList<>();
    for (Assignment assignment : assignments) {
      List<CellOutcome> raw = new ArrayList<>();
      for (CellPlan plan : plans) {
        Place place = new Place(assignment, plan);
        List<SampleOutcome> own = List.copyOf(requireNonNull(samples.get(place)).values());
        List<Remark> remarks = new ArrayList<>(assignment.samples().notices());
        own.forEach(sample -> remarks.addAll(sample.remarks()));
        raw.add(
            new CellOutcome(
                plan,
                assignment,
                own,
                Optional.ofNullable(errors.get(place)),
                Remark.onFigures(remarks)));
      }
      Optional<CellOutcome> baseline = raw.stream().filter(c -> c.plan().isBaseline()).findFirst();
      for (CellOutcome cell : raw) {
        all.add(baseline.map(base -> CellChecks.check(cell, base, widestWindow)).orElse(cell));
      }
    }
    return all;
  }
}
