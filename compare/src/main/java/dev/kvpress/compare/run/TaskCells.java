package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.runtime.Remark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The cells of one task, put together from a plan and a log, one after the other: beside the cell
 * that is looked at only the baselines stay in memory.
 */
public final class TaskCells {
  private final RunPlan plan;
  private final PlannedTask task;
  private final List<PlannedSample> samples;
  private final FinishedWork log;
  private final Map<Integer, Integer> contextTokens = new HashMap<>();
  private final Map<CellFacts, CellOutcome> baselines = new LinkedHashMap<>();

  /**
   * Reads the baselines.
   *
   * @param samples of the task, in file order
   */
  public TaskCells(RunPlan plan, PlannedTask task, List<PlannedSample> samples, FinishedWork log) {
    this.plan = plan;
    this.task = task;
    this.samples = ImmutableList.copyOf(samples);
    this.log = log;
    samples.forEach(sample -> contextTokens.put(sample.sample(), sample.contextTokens()));
    plan.cells().stream()
        .filter(CellFacts::baseline)
        .forEach(cell -> baselines.put(cell, raw(cell, plan.common())));
  }

  /** What a cell gave, checked against the (first) baseline where there is one. */
  public CellOutcome of(CellFacts cell) {
    CellOutcome known = baselines.get(cell);
    return checked(known == null ? raw(cell, plan.common()) : known);
  }

  /** The baseline that differences are taken to: the first that has a result. */
  public Optional<CellOutcome> base() {
    return baselines.values().stream()
        .map(this::checked)
        .filter(cell -> cell.error().isEmpty())
        .findFirst();
  }

  /**
   * What a baseline gave on the reference weights; samples that are not there are missing.
   *
   * @param common what the keys of that run have in common
   */
  public CellOutcome reference(CellFacts baseline, String common) {
    CellOutcome raw = raw(baseline, common);
    return CellChecks.check(raw, raw, OptionalInt.empty(), sample -> 0);
  }

  private CellOutcome checked(CellOutcome cell) {
    OptionalInt window =
        plan.widestWindow() == null ? OptionalInt.empty() : OptionalInt.of(plan.widestWindow());
    return baselines.values().stream()
        .findFirst()
        .map(
            base ->
                CellChecks.check(
                    cell, base, window, sample -> contextTokens.getOrDefault(sample, 0)))
        .orElse(cell);
  }

  /** What the log holds of a cell: all samples, or those before the first that failed. */
  private CellOutcome raw(CellFacts cell, String common) {
    Map<PlannedSample, SampleOutcome> found = new LinkedHashMap<>();
    @Nullable PlannedSample failed = null;
    String error = "";
    for (PlannedSample sample : samples) {
      Optional<FinishedWork.Entry> entry = log.entry(RunPlan.key(common, sample.content(), cell));
      Optional<String> reason = entry.flatMap(FinishedWork.Entry::error);
      entry.flatMap(FinishedWork.Entry::outcome).ifPresent(outcome -> found.put(sample, outcome));
      if (reason.isPresent()
          && (failed == null || PlannedSample.SCHEDULE.compare(sample, failed) < 0)) {
        failed = sample;
        error = reason.get();
      }
    }
    if (failed == null) {
      List<SampleOutcome> all = List.copyOf(found.values());
      return new CellOutcome(cell, task, all, Optional.empty(), warnings(all, missing(all.size())));
    }
    PlannedSample end = failed;
    List<SampleOutcome> before =
        found.entrySet().stream()
            .filter(entry -> PlannedSample.SCHEDULE.compare(entry.getKey(), end) < 0)
            .map(Map.Entry::getValue)
            .toList();
    return new CellOutcome(
        cell, task, before, Optional.of(error), warnings(before, Optional.empty()));
  }

  /** What is to be said of a cell that lacks samples; those of other shards are no lack. */
  private Optional<String> missing(int found) {
    int wanted = plan.shard().takesAll() ? task.samples() : samples.size();
    return found == wanted
        ? Optional.empty()
        : Optional.of(
            "%,d of %,d samples are missing: they were not done when this was put together"
                .formatted(wanted - found, wanted));
  }

  private List<String> warnings(List<SampleOutcome> own, Optional<String> missing) {
    List<Remark> remarks = new ArrayList<>(task.notices());
    own.forEach(sample -> remarks.addAll(sample.remarks()));
    List<String> warnings = new ArrayList<>(Remark.onFigures(remarks));
    missing.ifPresent(warnings::add);
    return warnings;
  }
}
