package dev.kvpress.compare.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.Test;

class DrawsTest {
  private static final long SEED = 42;

  private static List<int[]> all(Draws draws, int samples) {
    Map<Integer, int[]> all = new ConcurrentSkipListMap<>();
    draws.each(
        samples,
        (number, drawn, from) -> all.put(number, Arrays.copyOfRange(drawn, from, from + samples)));
    return List.copyOf(all.values());
  }

  @Test
  void theSameSamplesAreDrawnAgainForEveryFigure() {
    Draws draws = new Draws(SEED);
    List<int[]> first = all(draws, 7);
    assertThat(first).hasSize(10_000);
    all(draws, 5);
    assertThat(all(draws, 7).toArray(new int[0][])).isDeepEqualTo(first.toArray(new int[0][]));
    assertThat(all(new Draws(SEED + 1), 7).toArray(new int[0][]))
        .isNotEqualTo(first.toArray(new int[0][]));
  }

  @Test
  void whatDoesNotFitTheMemoryIsDrawnInTheSameWay() {
    int samples = 20_001;
    List<int[]> drawn = new ArrayList<>();
    new Draws(SEED)
        .each(
            samples,
            (number, one, from) -> {
              if (number < 2) {
                drawn.add(Arrays.copyOfRange(one, from, from + samples));
              }
            });
    SplittableRandom random = new SplittableRandom(SEED);
    for (int[] resample : drawn) {
      for (int index : resample) {
        assertThat(index).isEqualTo(random.nextInt(samples));
      }
    }
  }
}
