package dev.kvpress.recipe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.model.Shape;
import org.junit.jupiter.api.Test;

class StepTest {
  private static final Shape SMALL = new Shape(30, 24, 2, 4, 2, 6, 20, 64, 10_000);

  @Test
  void learnsARowByHeart() {
    try (Decoder decoder = Decoder.fresh(SMALL, 3);
        AdamW optimiser = optimiser(decoder)) {
      float first = Step.take(decoder, optimiser, row(), 1, 3e-3).loss();
      float last = first;
      for (int step = 2; step <= 80; step++) {
        last = Step.take(decoder, optimiser, row(), step, 3e-3).loss();
      }
      assertThat(last).isLessThan(first / 4);
    }
  }

  @Test
  void goesOnFromAStoredStateAsIfNothingHadHappened() {
    try (Decoder decoder = Decoder.fresh(SMALL, 3);
        AdamW optimiser = optimiser(decoder)) {
      for (int step = 1; step <= 3; step++) {
        Step.take(decoder, optimiser, row(), step, 1e-3);
      }
      try (Decoder copy = Decoder.of(SMALL, decoder.weights());
          AdamW resumed = optimiser(copy)) {
        resumed.restore(optimiser.state());
        Step.take(decoder, optimiser, row(), 4, 1e-3);
        Step.take(copy, resumed, row(), 4, 1e-3);
        float[] expected = decoder.weights().get("layer1.qkv");
        float[] found = copy.weights().get("layer1.qkv");
        for (int i = 0; i < expected.length; i++) {
          assertThat(found[i]).isCloseTo(expected[i], within(1e-6f));
        }
      }
    }
  }

  private static AdamW optimiser(Decoder decoder) {
    decoder.parameters().values().forEach(p -> p.setRequiresGradient(true));
    return new AdamW(decoder.parameters());
  }

  private static Batch row() {
    int n = 16;
    long[] ids = new long[n];
    float[] weights = new float[n];
    for (int i = 0; i < n; i++) {
      ids[i] = (i * 7) % 29;
      weights[i] = 1;
    }
    return new Batch(1, n, ids, weights);
  }
}
