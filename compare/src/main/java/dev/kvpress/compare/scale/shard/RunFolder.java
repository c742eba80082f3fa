package dev.kvpress.compare.scale.shard;

import dev.kvpress.compare.journal.PlannedRun;
import dev.kvpress.compare.journal.ReadJournal;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.PlannedReference;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.RunPlan;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A folder of a run: its plan and its journal as they are now.
 *
 * @param path as it was given
 * @param run its plan
 * @param journal what was done
 */
record RunFolder(Path path, PlannedRun run, ReadJournal journal) implements AutoCloseable {
  /**
   * Opens it.
   *
   * @param notices takes a remark if the journal is damaged
   * @throws dev.kvpress.compare.data.DataException if there is no plan or no journal
   */
  static RunFolder open(Path path, Consumer<String> notices) {
    PlannedRun run = PlannedRun.open(path);
    boolean done = false;
    try {
      RunFolder folder = new RunFolder(path, run, ReadJournal.open(path, notices));
      done = true;
      return folder;
    } finally {
      if (!done) {
        run.close();
      }
    }
  }

  RunPlan plan() {
    return run.plan();
  }

  /**
   * The key of a cell's work on a sample of this folder.
   *
   * @param reference whether on the reference weights
   * @return empty where it is not known yet
   */
  Optional<String> key(PlannedSample sample, CellFacts cell, boolean reference) {
    if (!reference) {
      return Optional.of(plan().key(sample, cell));
    }
    return Optional.ofNullable(plan().reference())
        .map(PlannedReference::common)
        .map(common -> RunPlan.key(common, sample.content(), cell));
  }

  /** Whether work on the reference weights is to be expected here. */
  boolean runsReference() {
    return Optional.ofNullable(plan().reference()).filter(r -> r.missing() == null).isPresent();
  }

  @Override
  public void close() {
    try {
      run.close();
    } finally {
      journal.close();
    }
  }
}
