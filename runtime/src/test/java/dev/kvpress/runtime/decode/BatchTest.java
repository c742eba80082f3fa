package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.row;
import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.TestProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts of different length in one batch behave as if each were alone. */
@Tag(TestProvider.TAG)
class BatchTest {
  private static final List<int[]> PROMPTS =
      List.of(new int[] {1, 403, 407, 261, 378, 44, 310}, new int[90], new int[41]);

  @TempDir static Path cache;

  private static List<int[]> prompts() {
    List<int[]> prompts = new ArrayList<>(PROMPTS);
    prompts.set(1, storyIds(0, 90));
    prompts.set(2, storyIds(200, 241));
    return prompts;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline",
        "h2o(local_window_size=8)",
        "snapkv(window_size=16)",
        "tova",
        "knorm",
        "streaming_llm",
        "dms(h2o(local_window_size=4),threshold=0.01,sliding_window_size=4)"
      })
  void eachRowEqualsItsOwnRun(String spec) {
    ModelPress press = PressCatalog.load().make(spec).press();
    List<int[]> prompts = prompts();
    List<int[]> next = List.of(storyIds(90, 95), storyIds(100, 105), storyIds(300, 305));
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context batch = model.start(3, press.needs())) {
      Logits last = batch.prefill(prompts, 32);
      assertThat(last.rows()).isEqualTo(3);
      batch.compress(press, Budget.ratio(0.5));
      Logits more = batch.forward(next);
      for (int b = 0; b < 3; b++) {
        try (Context single = model.start(1, press.needs())) {
          assertClose(last, b, row(single.prefill(prompts.get(b), 32), 0), 1e-4);
          single.compress(press, Budget.ratio(0.5));
          Logits alone = single.forward(next.get(b));
          assertThat(batch.nextPosition(b)).isEqualTo(single.nextPosition(0));
          for (int q = 0; q < 5; q++) {
            assertClose(more, b * 5 + q, row(alone, q), 1e-4);
          }
          for (int l = 0; l < model.info().layers(); l++) {
            for (int g = 0; g < model.info().kvHeads(); g++) {
              assertThat(batch.positions(l, b, g)).containsExactly(single.positions(l, 0, g));
            }
          }
        }
      }
      assertThat(batch.tokensSeen()).isEqualTo(95);
      assertThat(batch.seenTokens()).isEqualTo((7 + 90 + 41 + 15) * 20L);
    }
  }

  @Test
  void rowsOfOneLengthMayGoThroughTheFusedGraph() {
    List<int[]> prompts = List.of(storyIds(0, 40), storyIds(100, 140));
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context plain = model.start(2, Set.of());
        Context fused = model.start(2, Set.of()).allowFused(0)) {
      assertClose(fused.prefill(prompts, 16), plain.prefill(prompts, 16), 2e-4);
      List<int[]> next = List.of(new int[] {261}, new int[] {378});
      assertClose(fused.forward(next), plain.forward(next), 2e-4);
    }
  }
}
