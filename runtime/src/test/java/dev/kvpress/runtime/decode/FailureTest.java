package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.positions;
import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecodeFixtures.Keep;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails midway leaves contexts as they were and keeps no memory. */
class FailureTest {
  @TempDir static Path cache;

  /** Sessions of ONNX Runtime of which the run with a given number, counted over all, fails. */
  private static SessionFactory failingAt(int run, AtomicInteger runs) {
    SessionFactory real = new OrtSessionFactory(Provider.CPU, 0, 1);
    SessionFactory failing = mock(SessionFactory.class);
    when(failing.open(any()))
        .thenAnswer(
            call -> {
              StepSession session = real.open(call.getArgument(0));
              StepSession wrapped = mock(StepSession.class);
              doAnswer(
                      pass -> {
                        if (runs.incrementAndGet() == run) {
                          throw new ModelException("the device is gone");
                        }
                        session.run(pass.getArgument(0), pass.getArgument(1));
                        return null;
                      })
                  .when(wrapped)
                  .run(any(), any());
              return wrapped;
            });
    return failing;
  }

  private static DecoderModel open(SessionFactory sessions) {
    Path model = SharedModels.path("models/stories260K");
    return DecoderModel.open(model, DecoderOptions.cpu(cache), sessions);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPrefillThatFailsInItsSecondChunkCanBeTriedAgain(boolean fused) {
    AtomicInteger runs = new AtomicInteger();
    Set<Signal> signals = fused ? Set.of() : Set.of(new Signal.AttentionSums());
    try (DecoderModel model = open(failingAt(2, runs));
        Context context = model.start(1, signals)) {
      if (fused) {
        context.allowFused(0);
      }
      long live = model.pool().liveBytes();
      int[] prompt = storyIds(0, 60);
      assertThatThrownBy(() -> context.prefill(prompt, 20))
          .isInstanceOf(ModelException.class)
          .hasMessage("the device is gone");
      assertThat(runs).hasValue(2);
      assertThat(model.pool().liveBytes()).isEqualTo(live);
      assertThat(context.tokensSeen()).isZero();
      assertThat(context.nextPosition(0)).isZero();
      Logits again = context.prefill(prompt, 20);
      try (Context fresh = model.start(1, signals)) {
        if (fused) {
          fresh.allowFused(0);
        }
        assertThat(fresh.prefill(prompt, 20).bitHash()).isEqualTo(again.bitHash());
      }
    }
  }

  @Test
  void aStepThatFailsCanBeTriedAgain() {
    AtomicInteger runs = new AtomicInteger();
    ModelPress press = PressCatalog.load().make("h2o(local_window_size=8)").press();
    try (DecoderModel model = open(failingAt(2, runs));
        Context context = model.start(1, press.needs())) {
      context.prefill(storyIds(0, 40), 64);
      context.compress(press, Budget.ratio(0.5));
      long live = model.pool().liveBytes();
      long kept = context.keptTokens();
      assertThatThrownBy(() -> context.forward(7)).hasMessage("the device is gone");
      assertThat(model.pool().liveBytes()).isEqualTo(live);
      assertThat(context.keptTokens()).isEqualTo(kept);
      assertThat(context.nextPosition(0)).isEqualTo(40);
      try (Context fork = context.fork()) {
        assertClose(context.forward(7), fork.forward(7), 0);
      }
    }
  }

  @Test
  void editsThatDoNotFitChangeNothing() {
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context context = model.start(1, Set.of())) {
      assertThatThrownBy(() -> context.compress(Keep.ofLayers(1, 4), Budget.FULL))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("nothing has passed");
      context.prefill(storyIds(0, 20), 64);
      long live = model.pool().liveBytes();
      int[] fits = {1, 5};
      int[] beyond = {1, 20};
      Keep lastLayerWrong = Keep.ofLayers(1, 4, fits, fits, fits, fits, beyond);
      assertThatThrownBy(() -> context.compress(lastLayerWrong, Budget.FULL))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("keeps slot 20 of row 0, KV head 0, which holds 20 tokens");
      assertThat(context.achievedRatio()).isZero();
      assertThat(model.pool().liveBytes()).isEqualTo(live);
      ModelPress broken = mock(ModelPress.class);
      when(broken.compress(any(), any())).thenThrow(new IllegalArgumentException("NaN"));
      assertThatThrownBy(() -> context.compress(broken, Budget.FULL)).hasMessage("NaN");
      assertThat(model.pool().liveBytes()).isEqualTo(live);
      context.forward(3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"snapkv(window_size=8)", "expected_attention", "non_causal_attn", "tova"})
  void signalsLeaveNoMemoryBehind(String spec) {
    ModelPress press = PressCatalog.load().make(spec).press();
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache)) {
      try (Context context = model.start(1, press.needs()).allowFused(0)) {
        context.prefill(storyIds(0, 90), 20);
        try (Context fork = context.fork();
            Context other = context.fork()) {
          fork.compress(press, Budget.ratio(0.5));
          other.compress(press, Budget.ratio(0.7));
          context.compress(press, Budget.ratio(0.5));
          assertThat(positions(fork, model, 1)).isEqualTo(positions(context, model, 1));
          fork.forward(5);
          context.forward(5);
          context.compress(press, Budget.ratio(0.2));
        }
      }
      assertThat(model.pool().liveBytes()).isZero();
    }
  }

  @Test
  void closingTwiceTakesNothingFromAFork() {
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache)) {
      Context context = model.start(1, Set.of());
      context.prefill(storyIds(0, 30), 64);
      Context fork = context.fork();
      context.close();
      context.close();
      assertThatThrownBy(() -> context.forward(1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      try (Context other = model.start(1, Set.of())) {
        other.prefill(storyIds(200, 230), 64);
        Logits expected;
        try (Context alone = model.start(1, Set.of())) {
          alone.prefill(storyIds(0, 30), 64);
          expected = alone.forward(5);
        }
        assertClose(fork.forward(5), expected, 0);
      }
      fork.close();
      assertThat(model.pool().liveBytes()).isZero();
      Context late = model.start(1, Set.of());
      model.close();
      assertThatThrownBy(() -> late.forward(1)).hasMessage("model stories260K is closed");
      assertThatThrownBy(() -> model.start(1, Set.of()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("model stories260K is closed");
      late.close();
    }
  }

  @Test
  void tokensOutsideTheVocabularyAreNamed() {
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context context = model.start(1, Set.of())) {
      assertThatThrownBy(() -> context.prefill(new int[] {1, 512}, 4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("token id 512 is outside the vocabulary of 512");
      assertThatThrownBy(() -> context.forward()).hasMessageContaining("at least one token");
    }
  }

  @Test
  void longDecodingKeepsIdleMemoryWithinWhatWasInUse() {
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache);
        Context context = model.start(1, Set.of())) {
      context.prefill(storyIds(0, 200), 16);
      for (int id : storyIds(200, 300)) {
        context.forward(id);
      }
      long bound = Math.max(model.pool().peakBytes(), 16L << 20);
      assertThat(model.pool().liveBytes() + model.pool().idleBytes()).isLessThanOrEqualTo(bound);
      // Buffers grow by steps and serve in turn; one per chunk and step would be far above.
      assertThat(model.pool().liveBytes() + model.pool().idleBytes())
          .isLessThan(10 * context.physicalBytes());
    }
  }
}
