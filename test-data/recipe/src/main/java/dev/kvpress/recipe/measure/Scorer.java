package dev.kvpress.recipe.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kvpress.recipe.model.Decoder;

/** Reads one sequence whole, with the full cache, and says what the model thought of each token. */
final class Scorer {
  private Scorer() {}

  /**
   * Verdict on tokens 1 to n-1 of a sequence.
   *
   * @param logProbability of the token that came, natural logarithm, by position of the token - 1
   * @param hit whether it was the most probable one
   */
  record Verdict(float[] logProbability, boolean[] hit) {}

  static Verdict read(Decoder decoder, int[] ids) {
    try (NDManager scope = NDManager.newBaseManager("PyTorch")) {
      long[] input = new long[ids.length - 1];
      long[] target = new long[ids.length - 1];
      for (int i = 0; i < input.length; i++) {
        input[i] = ids[i];
        target[i] = ids[i + 1];
      }
      NDArray logs =
          decoder
              .logProbabilities(scope.create(input, new Shape(1, input.length)))
              .reshape(input.length, decoder.shape().vocabulary());
      float[] chosen =
          logs.gather(scope.create(target, new Shape(input.length, 1)), 1).toFloatArray();
      long[] best = logs.argMax(1).toLongArray();
      boolean[] hit = new boolean[input.length];
      for (int i = 0; i < hit.length; i++) {
        hit[i] = best[i] == target[i];
      }
      return new Verdict(chosen, hit);
    }
  }
}
