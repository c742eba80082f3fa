package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.graph.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that stand at their slots in the cache, on small models of every architecture. */
@Tag(TestProvider.TAG)
class RolledPositionsTest {
  private static final Path FOLDERS = Path.of("../test-data/reference/architectures");
  private static final Budget HALF = Budget.ratio(0.5);

  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  private static DecoderModel open(String folder) {
    Path path = FOLDERS.resolve(folder);
    assumeTrue(Files.exists(path), "reference data absent: " + folder);
    return DecoderModel.open(path, DecodeFixtures.oneThread(cache));
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  private static int[] tokens(int from, int to) {
    return IntStream.range(from, to).map(i -> 3 + i * 7 % 31).toArray();
  }

  /** Distances are the same, wherever counting starts. */
  @ParameterizedTest
  @MethodSource("folders")
  void withNothingEvictedLogitsAreThoseOfTruePositions(Path folder) {
    try (DecoderModel model = DecoderModel.open(folder, DecodeFixtures.oneThread(cache))) {
      assumeTrue(model.rolledRefusal().isEmpty(), () -> model.rolledRefusal().orElseThrow());
      // Keys of former steps would be turned anew where frequencies change with the length.
      boolean changes = model.rotary().mixed(11, 12, 13, 14).isPresent();
      try (Context rolled = model.start(1, Set.of(), Positions.ROLLED);
          Context straight = model.start(1, Set.of())) {
        assertClose(rolled.prefill(tokens(0, 11), 4), straight.prefill(tokens(0, 11), 4), 2e-4);
        if (!changes) {
          for (int i = 11; i < 14; i++) {
            assertClose(rolled.forward(tokens(i, i + 1)), straight.forward(tokens(i, i + 1)), 2e-4);
          }
        }
      }
    }
  }

  /** What is kept of a text is a text of its own to the first layer. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt-neox-sequential", "gptj", "bloom", "gpt-oss"})
  void rowsOfDifferentLengthPassAsEachAlone(String folder) {
    try (DecoderModel model = open(folder);
        Context both = model.start(2, Set.of(), Positions.ROLLED)) {
      List<int[]> prompts = List.of(tokens(0, 9), tokens(20, 25));
      both.prefill(prompts, 4);
      Logits last = both.forward(List.of(new int[] {5}, new int[] {6}));
      for (int b = 0; b < 2; b++) {
        try (Context alone = model.start(1, Set.of(), Positions.ROLLED)) {
          alone.prefill(prompts.get(b), 4);
          assertClose(last, b, DecodeFixtures.row(alone.forward(5 + b), 0), 2e-4);
        }
      }
    }
  }

  @Test
  void rowsOfOneLengthThatFrequenciesDependOnAreRefusedTogether() {
    try (DecoderModel model = open("llama-rope-dynamic-crossing")) {
      assertThatThrownBy(() -> model.start(2, Set.of(), Positions.ROLLED))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("frequencies depend on the length of the cache")
          .hasMessageContaining("one by one");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "opt-pre-norm", "gpt-bigcode"})
  void learnedPositionsAreRefusedByName(String folder) {
    try (DecoderModel model = open(folder)) {
      assertThatThrownBy(() -> model.start(1, Set.of(), Positions.ROLLED))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("model " + folder + " cannot go by rolled positions")
          .hasMessageContaining("learned position embeddings");
      model.start(1, Set.of()).close();
    }
  }

  /** Heads of different length, interleaved and partial rotation, windows. */
  @ParameterizedTest
  @ValueSource(strings = {"gptj", "mistral-window", "gpt-neox-sequential", "llama-rope-yarn"})
  void pressesSeeTheKeysThatTheAttentionTook(String folder) {
    Attending press = new Attending();
    try (DecoderModel model = open(folder);
        Context context = model.start(1, press.needs(), Positions.ROLLED)) {
      context.prefill(tokens(0, 7), 7);
      int heads = model.info().kvHeads();
      int[][] kept = new int[heads][];
      Arrays.setAll(kept, g -> g == 0 ? new int[] {0, 1, 4, 5, 6} : new int[] {1, 3, 6});
      context.compress(DecodeFixtures.Keep.ofHeads(model.info().layers(), kept), HALF);
      context.forward(5);
      context.compress(press, HALF);
      assertThat(press.looked).isEqualTo(model.info().layers() * model.info().queryHeads());
    }
  }

  /** Reckons the attention of the last query from the keys that it is shown. */
  private static final class Attending implements Press {
    private int looked;

    @Override
    public synchronized CacheEdit compress(LayerSignals layer, Budget budget) {
      FloatTensor attention = layer.attentionMatrix();
      FloatTensor queries = layer.queries();
      int size = layer.keys().size();
      int width = attention.size(3);
      float[] query = new float[size];
      float[] key = new float[size];
      for (int h = 0; h < layer.queryHeads(); h++) {
        int g = h / layer.groupSize();
        int length = layer.length(0, g);
        queries.read(h * size, query, size);
        double[] weights = new double[length];
        for (int j = 0; j < length; j++) {
          layer.keys().read(0, g, j, key);
          double score = 0;
          for (int c = 0; c < size; c++) {
            score += (double) query[c] * key[c];
          }
          weights[j] = Math.exp(score / Math.sqrt(size));
        }
        double sum = Arrays.stream(weights).sum();
        for (int j = 0; j < length; j++) {
          assertThat((double) attention.get(h * width + width - length + j))
              .as("layer %d head %d slot %d", layer.layer(), h, j)
              .isCloseTo(weights[j] / sum, offset(1e-4));
        }
        looked++;
      }
      return CacheEdit.none();
    }

    @Override
    public Set<Signal> needs() {
      return Set.of(new Signal.AttentionMatrix(), new Signal.Queries(1, true));
    }

    @Override
    public Set<Phase> phases() {
      return EnumSet.allOf(Phase.class);
    }
  }

  @Test
  void movingTokensTogetherIsWhatSlotsDoAnyway() {
    try (DecoderModel model = open("llama");
        Context moved = model.start(1, Set.of(), Positions.ROLLED);
        Context plain = model.start(1, Set.of(), Positions.ROLLED)) {
      moved.prefill(tokens(0, 12), 12);
      plain.prefill(tokens(0, 12), 12);
      moved.compress(press("key_rerotation(knorm)"), HALF);
      plain.compress(press("knorm"), HALF);
      assertThat(moved.nextPosition(0)).isEqualTo(6);
      assertThat(DecodeFixtures.rows(moved.forward(5)))
          .isDeepEqualTo(DecodeFixtures.rows(plain.forward(5)));
    }
  }

  /** By the rotation of true positions, tokens that were moved once come out the same. */
  @Test
  void slotsAreWhatMovedTokensStandAt() {
    ModelPress moving = press("key_rerotation(local)");
    try (DecoderModel model = open("gptj");
        Context moved = model.start(1, moving.needs());
        Context rolled = model.start(1, Set.of(), Positions.ROLLED)) {
      moved.prefill(tokens(0, 12), 12);
      rolled.prefill(tokens(0, 12), 12);
      moved.compress(moving, HALF);
      rolled.compress(press("local"), HALF);
      assertClose(rolled.forward(5, 6), moved.forward(5, 6), 2e-4);
    }
  }

  @Test
  void forksGoOnByThemselves() {
    try (DecoderModel model = open("llama");
        Context context = model.start(1, Set.of(), Positions.ROLLED)) {
      context.prefill(tokens(0, 12), 5);
      context.compress(press("knorm"), HALF);
      try (Context fork = context.fork()) {
        fork.compress(press("knorm"), HALF);
        fork.forward(9);
        assertThat(fork.positions()).isEqualTo(Positions.ROLLED);
      }
      try (Context fork = context.fork()) {
        assertThat(DecodeFixtures.rows(context.forward(5)))
            .isDeepEqualTo(DecodeFixtures.rows(fork.forward(5)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "expected_attention, stand at their slots",
    "compactor, stand at their slots",
    "kvzip, reads the context again",
    "'quantized(knorm,bits=4)', turn the keys anew",
  })
  void pressesThatTakeTruePositionsAreRefused(String spec, String reason) {
    ModelPress press = press(spec);
    try (DecoderModel model = open("llama")) {
      assertThat(model.rolledRefusal(press).orElseThrow()).contains(reason);
      try (Context context = model.start(1, press.needs(), Positions.ROLLED)) {
        context.prefill(tokens(0, 12), 12);
        assertThatThrownBy(() -> context.compress(press, HALF))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("cannot be used with rolled positions");
        assertThat(context.keptTokens()).isEqualTo(context.seenTokens());
      }
    }
  }

  @Test
  void channelsOfRotatedKeysAreNotThoseOfTheCache() {
    ModelPress press = press("think(key_channel_compression_ratio=0.5)");
    try (DecoderModel model = open("llama");
        Context context = model.start(1, press.needs(), Positions.ROLLED)) {
      context.prefill(tokens(0, 40), 40);
      assertThatThrownBy(() -> context.compress(press, HALF))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("sets channels of rotated keys to zero");
    }
  }

  @Test
  void aRowOfABatchGoesOnAsItDoesAlone() {
    ModelPress press = press("h2o(hh_size=8,recent_size=8)");
    try (DecoderModel model = open("llama");
        Batch batch = Batch.over(model, new BatchOptions(4, 16))) {
      int[] prompt = tokens(0, 20);
      Context rolled = model.start(1, press.needs(), Positions.ROLLED);
      Ticket first = batch.goOn(BatchRequest.greedy(prompt, press, Budget.FULL, 100), rolled);
      Ticket beside = batch.submit(BatchRequest.greedy(prompt, press, Budget.FULL, 12));
      batch.run();
      TokenRequest alone = new TokenRequest(100, 16, press, Budget.FULL, Positions.ROLLED);
      assertThat(first.result().ids())
          .isEqualTo(TokenGenerator.generate(model, prompt, alone, id -> false, id -> {}).ids());
      assertThat(first.result().ids().length()).isEqualTo(100);
      assertThat(beside.result().ids().length()).isEqualTo(12);
    }
  }

  @Test
  void textsEndWhereTheCacheDoesAndNotAtTheTrainedLength() {
    ModelPress press = press("h2o(hh_size=8,recent_size=8)");
    try (DecoderModel model = open("llama")) {
      assertThat(model.info().maxPositions()).hasValue(64);
      assertThat(generated(model, press, Positions.TRUE).stopReason())
          .isEqualTo(StopReason.MAX_POSITIONS);
      TokenResult rolled = generated(model, press, Positions.ROLLED);
      assertThat(rolled.stopReason()).isEqualTo(StopReason.MAX_NEW_TOKENS);
      assertThat(rolled.ids().length()).isEqualTo(150);
    }
  }

  private static TokenResult generated(DecoderModel model, ModelPress press, Positions positions) {
    return TokenGenerator.generate(
        model,
        tokens(0, 20),
        new TokenRequest(150, 16, press, Budget.FULL, positions),
        id -> false,
        id -> {});
  }

  @Test
  void whoeverGoesBeyondTheTrainedLengthCanBeTold() {
    try (DecoderModel model = open("llama");
        Context straight = model.start(1, Set.of());
        Context rolled = model.start(1, Set.of(), Positions.ROLLED);
        Context whole = model.start(1, Set.of(), Positions.ROLLED)) {
      for (int from = 0; from < 80; from += 8) {
        assertThat(straight.beyondTrained().isPresent()).isEqualTo(from > 64);
        straight.forward(tokens(from, from + 8));
        whole.forward(tokens(from, from + 8));
        rolled.forward(tokens(from, from + 8));
        rolled.compress(press("streaming_llm"), Budget.tokens(16));
      }
      assertThat(rolled.beyondTrained()).isEmpty();
      assertThat(straight.beyondTrained().orElseThrow().text())
          .contains("true positions go to 80", "llama was made for 64", "rolled");
      assertThat(whole.beyondTrained().orElseThrow().text())
          .contains("the cache grows to 80 slots", "made for 64");
      assertThat(straight.beyondTrained().orElseThrow().touchesFigures()).isTrue();
    }
  }

  @Test
  void learnedPositionsEndWhereTheirTableDoes() {
    try (DecoderModel learned = open("gpt2");
        DecoderModel rotary = open("llama")) {
      assertThat(learned.beyondTrainedRefusal().orElseThrow()).contains("there is none beyond");
      assertThat(rotary.beyondTrainedRefusal()).isEmpty();
    }
  }

  @Test
  void graphsWhoseKeysAreOutOfReachAreRefusedByName(@TempDir Path folder) throws IOException {
    Path foreign = ForeignModels.write(folder, ElementType.INT64, ElementType.FLOAT32, true);
    Path fused = ExportCache.of(cache).export(FOLDERS.resolve("llama")).fused();
    assertRefused(foreign, "its graph is none of ours");
    assertRefused(fused, "its only graph has fused attention");
  }

  private static void assertRefused(Path file, String reason) {
    try (DecoderModel model = DecoderModel.open(file, DecodeFixtures.cpu(1, cache))) {
      assertThatThrownBy(() -> model.start(1, Set.of(), Positions.ROLLED))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("cannot go by rolled positions")
          .hasMessageContaining(reason);
    }
  }

  @Test
  void exportedFilesGoBySlotsToo() {
    Path file = ExportCache.of(cache).export(FOLDERS.resolve("llama")).decomposed();
    try (DecoderModel model = open("llama");
        DecoderModel exported = DecoderModel.open(file, DecodeFixtures.oneThread(cache));
        Context one = model.start(1, Set.of(), Positions.ROLLED);
        Context other = exported.start(1, Set.of(), Positions.ROLLED)) {
      one.prefill(tokens(0, 12), 5);
      other.prefill(tokens(0, 12), 5);
      one.compress(press("local"), HALF);
      other.compress(press("local"), HALF);
      assertClose(one.forward(5), other.forward(5), 1e-5);
    }
  }
}
