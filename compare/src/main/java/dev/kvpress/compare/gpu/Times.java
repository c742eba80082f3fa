package dev.kvpress.compare.gpu;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.Quantiles;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Time of a prompt and of a step after it, in milliseconds.
 *
 * @param tokens length of the prompt
 * @param prefillMillis median over runs
 * @param decodeMillis median over steps and runs
 */
record Times(int tokens, double prefillMillis, double decodeMillis) {
  private static final int STEPS = 16;
  private static final int FIRST_USUAL_TOKEN = 3;

  /** Both sides at one length. */
  record Pair(Times processor, Times checked) {}

  /**
   * Measures both sides in turn, after one run of each that is not counted.
   *
   * @param lengths lengths of prompts
   * @param runs of each side at each length
   */
  static List<Pair> measure(Sides sides, List<Integer> lengths, int runs) {
    checkArgument(runs >= 1, "there must be one run at least, found %s", runs);
    List<Pair> pairs = new ArrayList<>();
    for (int tokens : lengths) {
      double[][][] millis = new double[2][2][runs];
      for (int run = -1; run < runs; run++) {
        double[] a = once(sides.processor(), tokens);
        double[] b = once(sides.checked(), tokens);
        for (int what = 0; what < 2 && run >= 0; what++) {
          millis[0][what][run] = a[what];
          millis[1][what][run] = b[what];
        }
      }
      pairs.add(new Pair(of(tokens, millis[0]), of(tokens, millis[1])));
    }
    return pairs;
  }

  private static Times of(int tokens, double[][] millis) {
    return new Times(
        tokens, Quantiles.median().compute(millis[0]), Quantiles.median().compute(millis[1]));
  }

  private static double[] once(DecoderModel model, int tokens) {
    int[] ids =
        new SplittableRandom(tokens)
            .ints(tokens, FIRST_USUAL_TOKEN, model.info().vocabulary())
            .toArray();
    try (Context context = model.start(1, Set.of()).allowFused(STEPS)) {
      long start = System.nanoTime();
      context.prefill(ids, GpuCheckMain.CHUNK);
      double prefill = (System.nanoTime() - start) / 1e6;
      double[] steps = new double[STEPS];
      for (int step = 0; step < STEPS; step++) {
        start = System.nanoTime();
        context.forward(ids[step % ids.length]);
        steps[step] = (System.nanoTime() - start) / 1e6;
      }
      // The first step makes the session of decoding.
      return new double[] {
        prefill, Quantiles.median().compute(Arrays.copyOfRange(steps, 1, STEPS))
      };
    }
  }
}
