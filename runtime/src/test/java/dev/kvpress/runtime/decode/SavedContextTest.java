package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.saved.SavedContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A context that was saved and loaded again goes on as if nothing had happened. */
class SavedContextTest {
  private static final Path DEMO = Path.of("..", "test-data", "models", "demo");
  private static final int PROMPT = 90;
  private static final int STEPS = 24;

  @TempDir Path cache;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline",
        "h2o(local_window_size=8)",
        "snapkv(window_size=8)",
        "adakv(snapkv(window_size=8))",
        "expected_attention",
        "keydiff",
        "streaming_llm",
        "key_rerotation(knorm)",
        "think",
        "kvzap",
        "minikv(residual_length=8)",
        "quantized(baseline,bits=8,group_size=16,residual_length=8)",
        "quantized(adakv(snapkv(window_size=8)),bits=4,group_size=16,residual_length=4)",
      })
  void goesOnBitForBit(String spec) {
    ModelPress press = PressCatalog.load().make(spec).press();
    try (DecoderModel model = open();
        Context context = compressed(model, press, true)) {
      Path file = cache.resolve("context.safetensors");
      context.save(file);
      try (Context loaded = model.loadContext(file)) {
        assertSameAccount(loaded, context, model);
        assertSameSteps(loaded, context, press);
      }
    }
  }

  /** Known from a few tokens, before a long context is read. */
  @Test
  void memoriesThatNoFileCanKeepAreKnownBeforehand() {
    Budget budget = Budget.ratio(0.5);
    int[] ids = text(0, PROMPT);
    try (DecoderModel model = open()) {
      Pipeline pipeline = new Pipeline(model, 16, 1, id -> false);
      assertThat(pipeline.unsavable(ids, new Forgetful(true), budget)).contains("InMemoryOnly");
      assertThat(pipeline.unsavable(Arrays.copyOf(ids, 1), new Forgetful(true), budget))
          .isPresent();
      // What is not asked again keeps nothing.
      assertThat(pipeline.unsavable(ids, new Forgetful(false), budget)).isEmpty();
      for (String spec : List.of("decoding(rkv)", "decoding(snapkv)", "h2o", "fastkvzip")) {
        ModelPress press = PressCatalog.load().make(spec).press();
        assertThat(pipeline.unsavable(ids, press, budget)).as(spec).isEmpty();
      }
    }
  }

  private record InMemoryOnly() implements PressState {
    @Override
    public PressState fork() {
      return this;
    }

    @Override
    public PressState afterEdit(CacheEdit edit) {
      return this;
    }
  }

  private record Forgetful(boolean evictsWhileDecoding) implements Press {
    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      return CacheEdit.none().withState(new InMemoryOnly());
    }
  }

  /** What the press has observed and remembers decides what it removes later. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "decoding(h2o(local_window_size=4),compression_interval=4,target_size=40)",
        "decoding(snapkv(window_size=8),compression_interval=3,target_size=40)",
        "decoding(knorm,compression_interval=5,target_size=40)",
        "decoding(expected_attention,compression_interval=4,target_size=40)",
        "decoding(kvzap,compression_interval=4,target_size=40)",
        "decoding(triattention,compression_interval=4,target_size=40)",
        "decoding(rkv(window_size=4),compression_interval=4,target_size=40)",
        "fastkvzip",
        "prefill_decoding(h2o(local_window_size=4),decoding(h2o(local_window_size=4),compression_interval=4,target_size=40))",
        "dms(kvzap,threshold=-3,sliding_window_size=8,decoding=true)",
        "cam(h2o(local_window_size=4),compression_interval=4,target_size=40)",
        "quantized(h2o(hh_size=20,recent_size=20),bits=4,group_size=8,residual_length=8)",
      })
  void pressesGoOnWithWhatTheyHaveObserved(String spec) {
    ModelPress press = PressCatalog.load().make(spec).press();
    try (DecoderModel model = open();
        Context context = compressed(model, press, false)) {
      for (int id : text(PROMPT, PROMPT + 6)) {
        context.forward(id);
        context.compress(press, Budget.ratio(0.5));
      }
      Path file = cache.resolve("context.safetensors");
      context.save(file);
      try (Context loaded = model.loadContext(file)) {
        assertSameAccount(loaded, context, model);
        assertSameSteps(loaded, context, press);
        assertSameAccount(loaded, context, model);
        assertThat(context.achievedRatio()).isPositive();
      }
    }
  }

  @Test
  void forksAndEditsLeaveTheFileAlone() throws IOException {
    ModelPress press = PressCatalog.load().make("knorm").press();
    try (DecoderModel model = open();
        Context context = compressed(model, press, true)) {
      Path file = cache.resolve("context.safetensors");
      context.save(file);
      byte[] before = Files.readAllBytes(file);
      long taken = model.pool().liveBytes();
      try (Context loaded = model.loadContext(file);
          Context fork = loaded.fork()) {
        assertThat(model.pool().liveBytes()).as("mapped, not copied").isEqualTo(taken);
        fork.compress(press, Budget.ratio(0.5));
        assertSameSteps(loaded, context, press);
        assertThat(fork.keptTokens()).isLessThan(loaded.keptTokens());
      }
      assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }
  }

  @Test
  void savingAgainGivesTheSameTensors() {
    ModelPress press = PressCatalog.load().make("adakv(knorm)").press();
    try (DecoderModel model = open();
        Context context = compressed(model, press, true)) {
      Path first = cache.resolve("first.safetensors");
      Path second = cache.resolve("second.safetensors");
      context.save(first);
      try (Context loaded = model.loadContext(first)) {
        loaded.save(second);
      }
      SavedContext one = SavedContext.open(first);
      SavedContext two = SavedContext.open(second);
      for (int l = 0; l < model.info().layers(); l++) {
        int layer = l;
        one.parts()
            .layers()
            .get(l)
            .tensors()
            .forEach(
                (name, tensor) ->
                    assertThat(two.parts().layers().get(layer).tensors().get(name).whole())
                        .isEqualTo(tensor.whole()));
      }
    }
  }

  @Test
  void savesNoPadding() throws IOException {
    ModelPress press = PressCatalog.load().make("adakv(knorm)").press();
    try (DecoderModel model = open();
        Context context = compressed(model, press, true)) {
      Path file = cache.resolve("context.safetensors");
      context.save(file);
      long perToken = Integer.BYTES; // its position
      long small = 4096 * 6L;
      assertThat(context.logicalBytes()).isLessThan(context.physicalBytes());
      assertThat(Files.size(file))
          .isLessThan(context.logicalBytes() + perToken * context.keptTokens() + small);
    }
  }

  @Test
  void carriesWhatItsMakerSays() {
    ModelPress press = PressCatalog.load().make("knorm").press();
    try (DecoderModel model = open();
        Context context = compressed(model, press, true)) {
      Path file = cache.resolve("context.safetensors");
      ImmutableIntArray tokens = ImmutableIntArray.copyOf(text(0, PROMPT));
      context.save(file, ContextNotes.NONE.cutBy("KnormPress", "ratio"));
      SavedContext saved = SavedContext.open(file);
      assertThat(saved.tokens()).isEqualTo(tokens);
      assertThat(saved.notes().press()).isEqualTo("KnormPress");
      assertThat(saved.card().model()).isEqualTo(model.info().name());
      assertThat(saved.card().achievedRatio()).isEqualTo(context.achievedRatio());
    }
  }

  @Test
  void whatACutHasLeftUnobservedIsRefusedWhenAskedFor() {
    ModelPress press = PressCatalog.load().make("h2o(local_window_size=4)").press();
    try (DecoderModel model = open();
        Context context = compressed(model, press, true)) {
      Path file = cache.resolve("context.safetensors");
      context.save(file);
      try (Context loaded = model.loadContext(file)) {
        assertThatThrownBy(() -> loaded.compress(press, Budget.ratio(0.5)))
            .hasMessageContaining("attention sums");
      }
    }
  }

  @Test
  void anEmptyContextComesBackEmpty() {
    try (DecoderModel model = open();
        Context context = model.start(2, PressCatalog.load().make("h2o").press().needs())) {
      Path file = cache.resolve("context.safetensors");
      context.save(file);
      try (Context loaded = model.loadContext(file)) {
        assertThat(loaded.tokensSeen()).isZero();
        int[] row = text(0, 5);
        Logits expected = context.prefill(java.util.List.of(row, row), 5);
        Logits actual = loaded.prefill(java.util.List.of(row, row), 5);
        assertThat(DecodeFixtures.rows(actual)).isDeepEqualTo(DecodeFixtures.rows(expected));
      }
    }
  }

  @Test
  void tokensStandWhereTheyStood() {
    ModelPress press = PressCatalog.load().make("h2o(hh_size=20,recent_size=20)").press();
    try (DecoderModel model = open();
        Context context = model.start(1, press.needs(), Positions.ROLLED)) {
      context.prefill(text(0, PROMPT), 32);
      context.compress(press, Budget.ratio(0.5));
      Path file = cache.resolve("context.safetensors");
      context.save(file);
      try (Context loaded = model.loadContext(file)) {
        assertThat(loaded.positions()).isEqualTo(Positions.ROLLED);
        assertThat(loaded.beyondTrained()).isEqualTo(context.beyondTrained());
        assertSameSteps(loaded, context, press);
        assertSameAccount(loaded, context, model);
      }
    }
  }

  /** A second pass reads the tokens, which the file holds. */
  @ParameterizedTest
  @ValueSource(strings = {"kvzip(chunk_size=32)", "kvcompose"})
  void isReadAgain(String spec) {
    ModelPress press = PressCatalog.load().make(spec).press();
    try (DecoderModel model = open();
        Context context = model.start(1, press.needs())) {
      context.prefill(text(0, PROMPT), 32);
      Path file = cache.resolve("context.safetensors");
      context.save(file);
      try (Context loaded = model.loadContext(file)) {
        loaded.compress(press, Budget.ratio(0.5));
        context.compress(press, Budget.ratio(0.5));
        assertThat(context.achievedRatio()).isGreaterThan(0.4);
        assertSameAccount(loaded, context, model);
        assertSameSteps(loaded, context, press);
      }
    }
  }

  /** Mapped memory is read by a batch as any other, and rows of a batch go on alike. */
  @Test
  void aLoadedContextJoinsABatch() {
    ModelPress press = PressCatalog.load().make("knorm").press();
    try (DecoderModel model = open();
        Context context = model.start(1, press.needs()).allowFused(0)) {
      Logits last = context.prefill(text(0, PROMPT), 32);
      context.compress(press, Budget.ratio(0.5));
      context.stopObserving();
      Path file = cache.resolve("context.safetensors");
      context.save(file);
      BatchRequest request = BatchRequest.greedy(text(0, PROMPT), press, Budget.ratio(0.5), 12);
      try (Batch batch = Batch.over(model, new BatchOptions(3, 32))) {
        Ticket kept = batch.join(request, context.fork(), last);
        Ticket loaded = batch.join(request, model.loadContext(file), last);
        Ticket again = batch.join(request, model.loadContext(file), last);
        batch.run();
        assertThat(loaded.result().ids()).isEqualTo(kept.result().ids());
        assertThat(again.result().ids()).isEqualTo(kept.result().ids());
      }
    }
  }

  @Test
  void refusesToOverwriteAFolder() {
    try (DecoderModel model = open();
        Context context = model.start(1, java.util.Set.of())) {
      assertThatThrownBy(() -> context.save(cache))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("found a folder");
    }
  }

  private DecoderModel open() {
    return DecoderModel.open(DEMO, DecodeFixtures.oneThread(cache.resolve("models")));
  }

  static int[] text(int from, int to) {
    int[] ids = new int[to - from];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = 3 + (from + i) * 7919 % 211;
    }
    return ids;
  }

  private static Context compressed(DecoderModel model, ModelPress press, boolean done) {
    Context context = model.start(1, press.needs()).allowFused(0);
    context.prefill(text(0, PROMPT), 32);
    context.compress(press, Budget.ratio(0.5));
    press.cacheFormat().ifPresent(context::keepIn);
    return done ? context.stopObserving() : context;
  }

  static void assertSameAccount(Context actual, Context expected, DecoderModel model) {
    assertThat(actual.cacheFormat()).isEqualTo(expected.cacheFormat());
    assertThat(actual.logicalBytes()).isEqualTo(expected.logicalBytes());
    assertThat(DecodeFixtures.positions(actual, model, 1))
        .isEqualTo(DecodeFixtures.positions(expected, model, 1));
    assertThat(actual.nextPosition(0)).isEqualTo(expected.nextPosition(0));
    assertThat(actual.tokensSeen()).isEqualTo(expected.tokensSeen());
    for (int l = 0; l < model.info().layers(); l++) {
      LayerLedger one = actual.layers().get(l).ledger();
      LayerLedger other = expected.layers().get(l).ledger();
      if (!actual.observed().isEmpty() && other.attention().hasSums()) {
        for (int h = 0; h < model.info().queryHeads(); h++) {
          for (int s = 0; s < other.length(0, 0); s++) {
            assertThat(one.attention().sum(0, h, s)).isEqualTo(other.attention().sum(0, h, s));
          }
        }
      }
    }
  }

  static void assertSameSteps(Context actual, Context expected, ModelPress press) {
    for (int id : text(PROMPT + 6, PROMPT + 6 + STEPS)) {
      assertThat(DecodeFixtures.rows(actual.forward(id)))
          .isDeepEqualTo(DecodeFixtures.rows(expected.forward(id)));
      if (press.evictsWhileDecoding()) {
        actual.compress(press, Budget.ratio(0.5));
        expected.compress(press, Budget.ratio(0.5));
      }
    }
    int[] many = text(0, 7);
    assertThat(DecodeFixtures.rows(actual.forward(many)))
        .isDeepEqualTo(DecodeFixtures.rows(expected.forward(many)));
    assertThat(Arrays.stream(many).sum()).isPositive();
  }
}
