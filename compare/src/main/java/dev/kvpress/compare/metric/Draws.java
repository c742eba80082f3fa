package dev.kvpress.compare.metric;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Samples drawn with replacement, again and again. The same seed and number of samples draw the
 * same ones, so they are kept for the next figure over as many samples: to draw them takes longer
 * than to add up what was drawn. Not for several threads.
 */
public final class Draws {
  /** Where time allows; the ends of an interval then move by about 1 % of its width. */
  private static final int MOST_RESAMPLES = 10_000;

  /** Fewer would make the 2.5th percentile a matter of some 25 draws. */
  private static final int FEWEST_RESAMPLES = 1_000;

  /** Draws of all resamples together: some hundredths of a second; reports have many figures. */
  private static final int ALL = 20_000_000;

  private final long seed;
  private int samples;
  private int[] drawn = {};

  /** Draws that depend on a seed. */
  public Draws(long seed) {
    this.seed = seed;
  }

  /** How often so many samples are drawn. */
  static int resamples(int samples) {
    return Math.max(FEWEST_RESAMPLES, Math.min(MOST_RESAMPLES, ALL / samples));
  }

  /** Takes one resample. */
  interface Resample {
    /**
     * Looks at it; several threads may do so with several of them.
     *
     * @param number of the resample, from 0
     * @param drawn indices of samples
     * @param from where they begin; there are as many as samples
     */
    void take(int number, int[] drawn, int from);
  }

  /** Hands over all resamples of so many samples. */
  void each(int samples, Resample resample) {
    int times = resamples(samples);
    if (times * (long) samples > ALL) {
      SplittableRandom random = new SplittableRandom(seed);
      int[] one = new int[samples];
      for (int r = 0; r < times; r++) {
        draw(random, samples, one);
        resample.take(r, one, 0);
      }
      return;
    }
    if (samples != this.samples) {
      int[] all = new int[times * samples];
      draw(new SplittableRandom(seed), samples, all);
      drawn = all;
      this.samples = samples;
    }
    int[] known = drawn;
    IntStream.range(0, times).parallel().forEach(r -> resample.take(r, known, r * samples));
  }

  private static void draw(SplittableRandom random, int samples, int[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] = random.nextInt(samples);
    }
  }
}
