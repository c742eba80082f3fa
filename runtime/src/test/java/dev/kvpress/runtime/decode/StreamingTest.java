package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Token by token from an empty cache, with an eviction after each. */
class StreamingTest {
  @TempDir static Path cache;

  @Test
  void heavyHittersAndRecentTokensAreAllThatIsEverHeld() {
    ModelPress press =
        PressCatalog.load().make("h2o(hh_size=16,recent_size=16,decoding=true)").press();
    int[] ids = storyIds(0, 120);
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context context = model.start(1, press.needs())) {
      for (int t = 0; t < ids.length; t++) {
        context.forward(ids[t]);
        context.compress(press, Budget.FULL);
        assertThat(context.nextPosition(0)).isEqualTo(t + 1);
        for (int l = 0; l < model.info().layers(); l++) {
          for (int g = 0; g < model.info().kvHeads(); g++) {
            int[] held = context.positions(l, 0, g);
            assertThat(held).hasSize(Math.min(t + 1, 32)).isSorted();
            int recent = Math.min(t + 1, 16);
            assertThat(Arrays.copyOfRange(held, held.length - recent, held.length))
                .containsExactly(range(t + 1 - recent, t + 1));
          }
        }
      }
      assertThat(context.physicalBytes()).isEqualTo(32L * 5 * 4 * 2 * 8 * Float.BYTES);
      assertThat(context.seenTokens()).isEqualTo(120 * 20L);
    }
  }

  @Test
  void aBudgetThatKeepsAllEqualsAPrefill() {
    int[] ids = storyIds(0, 40);
    ModelPress press = PressCatalog.load().make("h2o(decoding=true)").press();
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context stream = model.start(1, press.needs());
        Context whole = model.start(1, press.needs())) {
      Logits last = null;
      for (int id : ids) {
        last = stream.forward(id);
        stream.compress(press, Budget.FULL);
      }
      assertClose(last, whole.prefill(ids, 16), 1e-4);
      stream.compress(press, Budget.ratio(0.5));
      whole.compress(press, Budget.ratio(0.5));
      assertThat(DecodeFixtures.positions(stream, model, 1))
          .isEqualTo(DecodeFixtures.positions(whole, model, 1));
    }
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }
}
