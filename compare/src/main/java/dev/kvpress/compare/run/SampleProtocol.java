package dev.kvpress.compare.run;

import dev.kvpress.compare.data.Sample;
import java.util.List;

/** Runs all cells over one sample. */
interface SampleProtocol {

  /** Runs what costs time only once, so that no sample's timing contains it. */
  void warmUp(Sample sample);

  /**
   * Runs every cell that has not failed yet; a cell that fails is noted in its tally.
   *
   * @param timed whether decoding steps are timed
   * @param progress told after each cell
   */
  void run(Sample sample, List<CellTally> tallies, boolean timed, Runnable progress);
}
