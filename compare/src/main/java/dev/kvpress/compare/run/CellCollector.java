package dev.kvpress.compare.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Gathers the outcomes of samples by cell, and the first error of each cell. */
final class CellCollector {
  private final List<CellPlan> plans;
  private final Map<CellPlan, List<SampleOutcome>> samples = new LinkedHashMap<>();
  private final Map<CellPlan, String> errors = new LinkedHashMap<>();
  private final Set<String> notices = new LinkedHashSet<>();
  private final Progress progress;

  CellCollector(List<CellPlan> plans, Progress progress) {
    this.plans = plans;
    this.progress = progress;
    plans.forEach(plan -> samples.put(plan, new ArrayList<>()));
  }

  void add(CellPlan plan, SampleOutcome outcome) {
    java.util.Objects.requireNonNull(samples.get(plan)).add(outcome);
  }

  void fail(CellPlan plan, int sample, RuntimeException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    errors.putIfAbsent(plan, "sample " + sample + ": " + message.replaceAll("\\s+", " "));
  }

  boolean hasFailed(CellPlan plan) {
    return errors.containsKey(plan);
  }

  void notices(CellPlan plan, List<String> texts) {
    for (String text : texts) {
      String notice = plan.method() + ": " + text;
      if (notices.add(notice)) {
        progress.notice(notice);
      }
    }
  }

  /** All cells, checked against the baseline where there is one. */
  List<CellOutcome> outcomes() {
    List<CellOutcome> raw = new ArrayList<>();
    for (CellPlan plan : plans) {
      raw.add(
          new CellOutcome(
              plan,
              java.util.Objects.requireNonNull(samples.get(plan)),
              Optional.ofNullable(errors.get(plan)),
              List.of()));
    }
    Optional<CellOutcome> baseline = raw.stream().filter(c -> c.plan().isBaseline()).findFirst();
    return baseline.isEmpty()
        ? raw
        : raw.stream().map(cell -> CellChecks.check(cell, baseline.get())).toList();
  }
}
