package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.ints;
import static dev.kvpress.runtime.decode.DecodeFixtures.row;
import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.scorer.KnormPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecodeFixtures.Keep;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.SharedModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fused graph that writes in place gives what the decomposed one gives. */
class FusedPathTest {
  private static final double TOLERANCE = 2e-4;

  @TempDir static Path cache;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "knorm",
        "snapkv(window_size=16)",
        "streaming_llm",
        "baseline",
        "observed_attention",
        "h2o(local_window_size=16)"
      })
  void prefillCompressionAndDecodingAgree(String spec) {
    ModelPress press = PressCatalog.load().make(spec).press();
    int[] prompt = storyIds(0, 120);
    int[] next = storyIds(120, 140);
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context plain = model.start(1, press.needs());
        Context fused = model.start(1, press.needs()).allowFused(0)) {
      assertClose(fused.prefill(prompt, 50), plain.prefill(prompt, 50), TOLERANCE);
      plain.compress(press, Budget.ratio(0.5));
      fused.compress(press, Budget.ratio(0.5));
      assertThat(DecodeFixtures.positions(fused, model, 1))
          .isEqualTo(DecodeFixtures.positions(plain, model, 1));
      fused.stopObserving();
      plain.stopObserving();
      for (int id : next) {
        assertClose(fused.forward(id), plain.forward(id), TOLERANCE);
      }
      // The last steps did write in place: there is room beyond the tokens.
      assertThat(fused.physicalBytes()).isGreaterThan(fused.logicalBytes());
      assertThat(plain.physicalBytes()).isEqualTo(plain.logicalBytes());
    }
  }

  @Test
  void forksOfACacheWrittenInPlaceGoTheirOwnWays() {
    int[] prompt = storyIds(0, 60);
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context shared = model.start(1, Set.of()).allowFused(80)) {
      shared.prefill(prompt, 60);
      shared.forward(storyIds(60, 61));
      try (Context first = shared.fork();
          Context second = shared.fork()) {
        int[] one = storyIds(61, 66);
        int[] other = storyIds(200, 205);
        for (int i = 0; i < 5; i++) {
          Logits a = first.forward(one[i]);
          Logits b = second.forward(other[i]);
          assertClose(a, 0, alone(model, one, i), TOLERANCE);
          assertClose(b, 0, alone(model, other, i), TOLERANCE);
        }
        assertClose(shared.forward(one[0]), 0, alone(model, one, 0), TOLERANCE);
      }
      assertClose(shared.forward(storyIds(62, 63)), 0, alone(model, storyIds(61, 63), 1), 2e-4);
    }
  }

  private static float[] alone(DecoderModel model, int[] ids, int last) {
    try (Context context = model.start(1, Set.of())) {
      context.prefill(storyIds(0, 61), 256);
      Logits logits = null;
      for (int i = 0; i <= last; i++) {
        logits = context.forward(ids[i]);
      }
      return row(logits, 0);
    }
  }

  @Test
  void raggedHeadsLeaveTheFusedPathAndStayRight() {
    int[] prompt = storyIds(0, 100);
    ModelPress press =
        PressCatalog.load().make("dms(knorm,threshold=-3,sliding_window_size=8)").press();
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context plain = model.start(1, Set.of());
        Context fused = model.start(1, Set.of()).allowFused(0)) {
      plain.prefill(prompt, 40);
      fused.prefill(prompt, 40);
      plain.compress(press, Budget.FULL);
      fused.compress(press, Budget.FULL);
      assertThat(plain.achievedRatio()).isBetween(0.05, 0.95);
      for (int id : storyIds(100, 104)) {
        assertClose(fused.forward(id), plain.forward(id), TOLERANCE);
      }
    }
  }

  /** Its windows count places, which are no positions once tokens are gone. */
  @Test
  void aGraphThatIsOnlyFusedRefusesToGoBeyondItsWindowOnceTokensAreGone() {
    Path folder = Path.of("../test-data/reference/architectures/mistral-window");
    int[] ids = ints(ReferenceFolders.reference(folder).get("input_ids").get(0));
    Path graph = ExportCache.of(cache).export(folder).fused();
    try (DecoderModel only = DecoderModel.open(graph, DecoderOptions.cpu(cache));
        Context context = only.start(1, Set.of())) {
      assertThat(only.window(0)).isEqualTo(6);
      context.prefill(ids, 4);
      assertThatThrownBy(() -> context.compress(new KnormPress(), Budget.ratio(0.5)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("sliding windows count places")
          .hasMessageContaining("open the checkpoint");
      assertThat(context.achievedRatio()).isZero();
      assertThatThrownBy(() -> only.requirePress("knorm", new KnormPress(), 7))
          .hasMessageContaining("beyond the window of 6");
      only.requirePress("knorm", new KnormPress(), 6);
    }
  }

  @Test
  void aGraphThatIsOnlyFusedRunsOneRowAndRefusesWhatItCannot() {
    Path source = SharedModels.path("models/stories260K");
    Path graph = ExportCache.of(cache).export(source).fused();
    int[] prompt = storyIds(0, 30);
    try (DecoderModel only = DecoderModel.open(graph, DecoderOptions.cpu(cache));
        DecoderModel both = DecodeFixtures.open("stories260K", cache);
        Context fused = only.start(1, Set.of());
        Context plain = both.start(1, Set.of())) {
      assertClose(fused.prefill(prompt, 8), plain.prefill(prompt, 8), TOLERANCE);
      int[] two = {3, 9};
      Keep uneven = Keep.ofHeads(5, two, two, new int[] {7}, two);
      assertThatThrownBy(() -> fused.compress(uneven, Budget.FULL))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("no cache_bias input");
      assertThat(fused.achievedRatio()).isZero();
      assertClose(fused.forward(storyIds(30, 34)), plain.forward(storyIds(30, 34)), TOLERANCE);
      try (Context batch = only.start(2, Set.of())) {
        assertThatThrownBy(() -> batch.prefill(List.of(prompt, new int[] {1, 2}), 8))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("cannot tell padding from tokens");
        assertThatThrownBy(() -> batch.prefill(List.of(prompt, prompt), 8))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("only the fused attention");
      }
    }
  }
}
