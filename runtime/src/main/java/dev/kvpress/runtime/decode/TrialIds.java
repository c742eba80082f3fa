package dev.kvpress.runtime.decode;

import java.util.Arrays;

/** Token ids to try a graph with, spread over the vocabulary whatever its size. */
final class TrialIds {
  private static final int PARTS = 8;

  private TrialIds() {}

  /**
   * Ids of a model.
   *
   * @param eighths where in the vocabulary each stands, from 0 to 7
   */
  static int[] of(DecoderModel model, int... eighths) {
    int vocabulary = model.info().vocabulary();
    return Arrays.stream(eighths).map(i -> (int) ((long) i * (vocabulary - 1) / PARTS)).toArray();
  }
}
