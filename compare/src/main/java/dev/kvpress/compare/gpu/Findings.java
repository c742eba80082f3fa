package dev.kvpress.compare.gpu;

import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.ort.SessionProfile;
import java.util.List;
import java.util.Optional;

/**
 * All that a check found.
 *
 * @param provider what was checked, as reports name it
 * @param engine version of ONNX Runtime
 * @param model name and shape of the model
 * @param tolerance what was allowed, relative to 1 + |logit|
 * @param trials parity, press by press
 * @param times of both sides
 * @param profile what ran where
 * @param foretold what the table of kernels says would run on the processor
 * @param cells whole comparisons on both sides, where they were made
 */
record Findings(
    String provider,
    String engine,
    String model,
    double tolerance,
    List<Trial> trials,
    List<Times.Pair> times,
    SessionProfile profile,
    List<Fallback> foretold,
    Optional<CellParity> cells) {
  Findings {
    trials = List.copyOf(trials);
    times = List.copyOf(times);
    foretold = List.copyOf(foretold);
  }

  /** Whether everything agrees. */
  boolean agree() {
    return trials.stream().allMatch(trial -> trial.agrees(tolerance))
        && cells.map(CellParity::agrees).orElse(true);
  }
}
