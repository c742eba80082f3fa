package dev.kvpress.compare.run;

import dev.kvpress.compare.run.Schedule.Asking;

/**
 * One cell on one probe that is still to be done.
 *
 * @param cell method and budget
 * @param asking the probe with its task
 * @param context place of its context in the schedule
 * @param key of its content
 */
record Todo(CellPlan cell, Asking asking, int context, String key) {
  boolean isRepeated() {
    return asking.probe().rounds() > 1;
  }

  boolean isMapped() {
    return asking.isMapped() && !cell.isBaseline();
  }

  WorkLog.Unit unit() {
    return new WorkLog.Unit(
        key, cell.describe(), asking.assignment().task().name(), asking.probe().sample());
  }
}
