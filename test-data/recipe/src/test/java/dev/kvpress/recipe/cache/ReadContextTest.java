package dev.kvpress.recipe.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.kvpress.recipe.cache.ReadContext.Verdict;
import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.model.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Going on behind a context says what reading everything at once says. */
class ReadContextTest {
  private static final Shape SHAPE = new Shape(40, 24, 2, 4, 2, 6, 32, 64, 10_000);
  private static final int[] CONTEXT = {0, 7, 3, 9, 9, 12, 30, 2, 5};
  private static final int[] PROMPT = {8, 31};
  private static final int[] EXPECTED = {17, 4, 22};

  @Test
  void aFullCacheGivesTheNatsOfTheWholeRow() {
    try (Decoder decoder = Decoder.fresh(SHAPE, 5);
        ReadContext context = new ReadContext(decoder, CONTEXT);
        NDManager scope = NDManager.newBaseManager("PyTorch")) {
      long[] row = {0, 7, 3, 9, 9, 12, 30, 2, 5, 8, 31, 17, 4};
      float[] logs =
          decoder
              .logProbabilities(scope.create(row, new ai.djl.ndarray.types.Shape(1, row.length)))
              .toFloatArray();
      double nats = 0;
      for (int i = 0; i < EXPECTED.length; i++) {
        nats -= logs[(10 + i) * SHAPE.vocabulary() + EXPECTED[i]];
      }
      assertThat(ask(context, full()).nats()).isCloseTo(nats, within(1e-3));
    }
  }

  @Test
  void cachesOfOneBatchDoNotTouchEachOther() {
    try (Decoder decoder = Decoder.fresh(SHAPE, 5);
        ReadContext context = new ReadContext(decoder, CONTEXT)) {
      boolean[][][] holed = full();
      holed[1][0][4] = true;
      holed[0][1][2] = true;
      List<Verdict> both = context.ask(PROMPT, EXPECTED, List.of(full(), holed), null);
      assertThat(both.get(0).nats()).isCloseTo(ask(context, full()).nats(), within(1e-4));
      assertThat(both.get(1).nats()).isCloseTo(ask(context, holed).nats(), within(1e-4));
      assertThat(Math.abs(both.get(0).nats() - both.get(1).nats())).isGreaterThan(1e-4);
    }
  }

  private static Verdict ask(ReadContext context, boolean[][][] lost) {
    return context.ask(PROMPT, EXPECTED, List.<boolean[][][]>of(lost), null).get(0);
  }

  private static boolean[][][] full() {
    return new boolean[SHAPE.layers()][SHAPE.kvHeads()][CONTEXT.length];
  }
}
