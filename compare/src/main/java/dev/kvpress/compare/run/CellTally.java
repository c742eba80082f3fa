package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the outcomes of one cell, sample by sample, until it fails. */
final class CellTally {
  private final PlannedCell cell;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final Set<String> notices = new LinkedHashSet<>();
  private @Nullable RuntimeException failure;
  private int failedSample;

  CellTally(PlannedCell cell) {
    this.cell = cell;
  }

  PlannedCell cell() {
    return cell;
  }

  void add(Outcome outcome) {
    outcomes.add(outcome);
  }

  /** Remarks of the press, each said once. */
  void notice(List<String> remarks) {
    notices.addAll(remarks);
  }

  void fail(int sample, RuntimeException cause) {
    failure = cause;
    failedSample = sample;
  }

  boolean hasFailed() {
    return failure != null;
  }

  Optional<RuntimeException> failure() {
    return Optional.ofNullable(failure);
  }

  int failedSample() {
    return failedSample;
  }

  List<Outcome> outcomes() {
    return ImmutableList.copyOf(outcomes);
  }

  List<String> notices() {
    return ImmutableList.copyOf(notices);
  }
}
