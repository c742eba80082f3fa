package dev.kvpress.compare.run;

import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.RunPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Remembers work as long as the test goes. */
public final class MemoryLog implements WorkLog {
  private final Map<String, Entry> entries = new HashMap<>();

  /** The outcomes of work that is done here. */
  public static List<CellOutcome> cells(Work work) {
    MemoryLog log = new MemoryLog();
    work.run(log, () -> false);
    RunPlan plan = work.plan(Map.of(), Optional.empty());
    List<PlannedSample> samples =
        work.samples(new PromptTexts(Optional.empty(), false)).map(Work.Described::sample).toList();
    List<CellOutcome> cells = new ArrayList<>();
    plan.tasks()
        .forEach(
            task -> {
              List<PlannedSample> own =
                  samples.stream().filter(sample -> sample.task() == task.place()).toList();
              TaskCells outcomes = new TaskCells(plan, task, own, log);
              plan.cells().forEach(cell -> cells.add(outcomes.of(cell)));
            });
    return cells;
  }

  @Override
  public boolean isDone(String key) {
    return entry(key).flatMap(Entry::outcome).isPresent();
  }

  @Override
  public Optional<Entry> entry(String key) {
    return Optional.ofNullable(entries.get(key));
  }

  @Override
  public boolean hasAnother(Unit unit) {
    return false;
  }

  @Override
  public void done(Unit unit, SampleOutcome outcome) {
    entries.put(unit.key(), new Entry(Optional.of(outcome), Optional.empty()));
  }

  @Override
  public void failed(Unit unit, String error) {
    entries.put(unit.key(), new Entry(Optional.empty(), Optional.of(error)));
  }
}
