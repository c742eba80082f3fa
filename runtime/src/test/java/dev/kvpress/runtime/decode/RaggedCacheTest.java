package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecodeFixtures.Keep;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.GraphRunner;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.export.Tensor;
import dev.kvpress.runtime.export.TestProvider;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cut cache against the whole cache with the same tokens masked. */
@Tag(TestProvider.TAG)
class RaggedCacheTest {
  private static final int PROMPT = 150;
  private static final int NEXT = 9;

  @TempDir Path cache;

  @Test
  void dmsOverH2oEqualsTheMaskedCache() throws Exception {
    assertEqualsMasked(
        PressCatalog.load()
            .make("dms(h2o(local_window_size=8),threshold=0.003,sliding_window_size=16)")
            .press());
  }

  @Test
  void emptyHeadsEqualTheMaskedCache() throws Exception {
    Random random = new Random(11);
    int[][][] slots = new int[5][4][];
    for (int l = 0; l < 5; l++) {
      for (int g = 0; g < 4; g++) {
        double share = random.nextDouble();
        slots[l][g] = IntStream.range(0, PROMPT).filter(s -> random.nextDouble() < share).toArray();
      }
    }
    slots[0][0] = new int[0];
    slots[3][2] = new int[0];
    Arrays.fill(slots[4], new int[0]);
    assertEqualsMasked(new Keep(slots));
  }

  private void assertEqualsMasked(ModelPress press) throws Exception {
    int[] prompt = storyIds(0, PROMPT);
    int[] next = storyIds(PROMPT, PROMPT + NEXT);
    Path source = SharedModels.path("models/stories260K");
    try (DecoderModel model = DecoderModel.open(source, DecodeFixtures.allThreads(cache));
        Context context = model.start(1, press.needs());
        GraphRunner runner = GraphRunner.open(ExportCache.of(cache).export(source).decomposed())) {
      context.prefill(prompt, 64);
      context.compress(press, Budget.FULL);
      assertThat(context.achievedRatio()).isPositive();
      Logits cut = context.forward(next);

      Map<String, Tensor> whole = runner.pass(longs(prompt)).run();
      GraphRunner.Pass pass =
          runner.pass(longs(next)).positions(GraphRunner.range(PROMPT, PROMPT + NEXT)).after(whole);
      for (int l = 0; l < model.info().layers(); l++) {
        Tensor bias = Tensor.zeros(1, 4, 1, PROMPT);
        Arrays.fill(bias.data(), -1e30f);
        for (int g = 0; g < 4; g++) {
          for (int position : context.positions(l, 0, g)) {
            if (position < PROMPT) {
              bias.set(0, 0, g, 0, position);
            }
          }
        }
        pass.bias(l, bias);
      }
      Tensor masked = pass.run().get("logits");
      for (int q = 0; q < NEXT; q++) {
        int from = q * 512;
        assertClose(cut, q, Arrays.copyOfRange(masked.data(), from, from + 512), 1e-4);
      }
    }
  }

  private static long[] longs(int[] ids) {
    return Arrays.stream(ids).asLongStream().toArray();
  }
}
