package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.ints;
import static dev.kvpress.runtime.decode.DecodeFixtures.positions;
import static dev.kvpress.runtime.decode.DecodeFixtures.row;
import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.cache.PooledBuffer;
import dev.kvpress.runtime.decode.DecodeFixtures.Keep;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows and heads of different length through the fused operator, against standard operators. */
class RaggedFusedTest {
  private static final double TOLERANCE = 1e-4;
  private static final int PROMPT = 120;

  @TempDir static Path cache;

  private RecordedForms sessions;
  private DecoderModel model;

  @BeforeEach
  void open() {
    sessions = new RecordedForms(new OrtSessionFactory(Provider.CPU, 0, 1));
    model = open(SharedModels.path("models/stories260K"));
  }

  @AfterEach
  void close() {
    // There is none where the model's files are absent.
    if (model != null) {
      model.close();
    }
  }

  private DecoderModel open(Path folder) {
    return DecoderModel.open(folder, DecodeFixtures.oneThread(cache), sessions);
  }

  private List<AttentionForm> steps(int count) {
    return Collections.nCopies(count, AttentionForm.FUSED_BY_HEAD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adakv(knorm)",
        "adakv(snapkv(window_size=16))",
        "adakv(h2o(local_window_size=16))",
        "critical_adakv(knorm)",
        "dms(knorm,threshold=-3,sliding_window_size=8)",
        "dms(knorm,threshold=-3,sliding_window_size=8,decoding=true)",
        "duo_attention(head_compression_ratio=0.5,on_the_fly_scoring=true,sink_size=4,recent_size=20)",
      })
  void headsOfDifferentLengthAgree(String spec) {
    ModelPress press = PressCatalog.load().make(spec).press();
    try (Context plain = model.start(1, press.needs());
        Context fused = model.start(1, press.needs()).allowFused(0)) {
      plain.prefill(storyIds(0, PROMPT), 50);
      fused.prefill(storyIds(0, PROMPT), 50);
      compress(press, plain, fused);
      assertThat(lengths(fused)).hasSizeGreaterThan(1);
      plain.stopObserving();
      fused.stopObserving();

      assertStepsAgree(plain, fused, 120, 128);
      // Several tokens at once go through the other form, which wants padding in front.
      assertClose(fused.forward(storyIds(128, 131)), plain.forward(storyIds(128, 131)), TOLERANCE);
      assertThat(sessions.takeRuns()).doesNotContain(AttentionForm.FUSED_BY_HEAD);
      assertStepsAgree(plain, fused, 131, 134);
      if (press.evictsWhileDecoding()) {
        for (int i = 134; i < 144; i++) {
          compress(press, plain, fused);
          assertStepsAgree(plain, fused, i, i + 1);
        }
      }
      // An edit of a cache that was written in place.
      compress(Uneven.of(model, fused), plain, fused);
      assertStepsAgree(plain, fused, 144, 147);
      assertThat(positions(fused, model, 1)).isEqualTo(positions(plain, model, 1));
    }
  }

  private void assertStepsAgree(Context plain, Context fused, int from, int to) {
    for (int i = from; i < to; i++) {
      Logits expected = plain.forward(storyIds(i, i + 1));
      sessions.takeRuns();
      assertClose(fused.forward(storyIds(i, i + 1)), expected, TOLERANCE);
      assertThat(sessions.takeRuns()).isEqualTo(steps(1));
    }
  }

  private static void compress(ModelPress press, Context plain, Context fused) {
    plain.compress(press, Budget.ratio(0.6));
    fused.compress(press, Budget.ratio(0.6));
  }

  private List<Integer> lengths(Context context) {
    return positions(context, model, 1).stream().map(List::size).distinct().toList();
  }

  /** Keeps of each head every second, third or fourth token, by head. */
  private static final class Uneven {
    static Keep of(DecoderModel model, Context context) {
      int[][][] slots = new int[model.info().layers()][model.info().kvHeads()][];
      for (int l = 0; l < slots.length; l++) {
        for (int g = 0; g < slots[l].length; g++) {
          int every = 2 + (l + g) % 3;
          slots[l][g] =
              IntStream.range(0, context.positions(l, 0, g).length)
                  .filter(slot -> slot % every == 0)
                  .toArray();
        }
      }
      return new Keep(slots);
    }
  }

  @Test
  void emptyHeadsAndWhatLiesInMemoryDoNotMatter() {
    int[] none = {};
    int[] few = {0, 3, 70};
    int[] many = IntStream.range(10, 90).toArray();
    Keep uneven = Keep.ofHeads(5, none, few, many, none);
    try (Context plain = model.start(1, Set.of());
        Context fused = model.start(1, Set.of()).allowFused(0)) {
      plain.prefill(storyIds(0, PROMPT), 50);
      fused.prefill(storyIds(0, PROMPT), 50);
      compress(uneven, plain, fused);
      poison();
      assertStepsAgree(plain, fused, 120, 126);
      try (Context empty = fused.fork();
          Context expected = plain.fork()) {
        compress(Keep.ofHeads(5, none, none, none, new int[] {1}), expected, empty);
        poison();
        assertStepsAgree(expected, empty, 126, 130);
      }
      int[][][] byLayer = new int[5][][];
      Arrays.fill(byLayer, new int[][] {none, none, {0}, {1, 2}});
      byLayer[2] = new int[][] {none, none, none, none};
      compress(new Keep(byLayer), plain, fused);
      poison();
      assertStepsAgree(plain, fused, 126, 130);
    }
  }

  /** Memory that the pool gives out again is not cleared. */
  private void poison() {
    List<PooledBuffer> taken = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      PooledBuffer buffer = model.pool().take(1 << 15);
      FloatBuffer floats = buffer.bytes().asFloatBuffer();
      while (floats.hasRemaining()) {
        floats.put(Float.NaN);
      }
      taken.add(buffer);
    }
    taken.forEach(PooledBuffer::release);
  }

  @Test
  void forksGoTheirOwnWays() {
    ModelPress press = PressCatalog.load().make("adakv(knorm)").press();
    try (Context plain = model.start(1, Set.of());
        Context fused = model.start(1, Set.of()).allowFused(80)) {
      plain.prefill(storyIds(0, PROMPT), 50);
      fused.prefill(storyIds(0, PROMPT), 50);
      compress(press, plain, fused);
      assertStepsAgree(plain, fused, 120, 122);
      try (Context fusedFork = fused.fork();
          Context plainFork = plain.fork()) {
        assertStepsAgree(plainFork, fusedFork, 200, 204);
        assertStepsAgree(plain, fused, 122, 126);
        assertStepsAgree(plainFork, fusedFork, 204, 206);
      }
      assertStepsAgree(plain, fused, 126, 128);
    }
  }

  @Test
  void rowsOfDifferentLengthAgree() {
    List<int[]> prompts = List.of(storyIds(0, 7), storyIds(20, 110), storyIds(120, 161));
    ModelPress press = PressCatalog.load().make("adakv(knorm)").press();
    try (Context plain = model.start(3, Set.of());
        Context fused = model.start(3, Set.of()).allowFused(0)) {
      plain.prefill(prompts, 32);
      fused.prefill(prompts, 32);
      assertBatchStepsAgree(plain, fused, 161, 164);
      compress(press, plain, fused);
      assertBatchStepsAgree(plain, fused, 164, 168);
      assertThat(positions(fused, model, 3)).isEqualTo(positions(plain, model, 3));
    }
  }

  private void assertBatchStepsAgree(Context plain, Context fused, int from, int to) {
    for (int i = from; i < to; i++) {
      List<int[]> next = List.of(storyIds(i, i + 1), storyIds(9, 10), storyIds(i - 50, i - 49));
      Logits expected = plain.forward(next);
      sessions.takeRuns();
      assertClose(fused.forward(next), expected, TOLERANCE);
      assertThat(sessions.takeRuns()).isEqualTo(steps(1));
    }
  }

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  /** Windows count places in the operator, sinks belong to query heads: figures stay right. */
  @ParameterizedTest
  @MethodSource("folders")
  void everyArchitectureStaysRight(Path folder) {
    JsonNode reference = ReferenceFolders.reference(folder);
    int[] ids = ints(reference.get("input_ids").get(0));
    int[] further = ints(reference.get("call2").get("input_ids").get(0));
    List<int[]> prompts = List.of(Arrays.copyOf(ids, 5), ids);
    ModelPress press = PressCatalog.load().make("adakv(knorm)").press();
    try (DecoderModel other = open(folder);
        Context plain = other.start(2, Set.of());
        Context fused = other.start(2, Set.of()).allowFused(0)) {
      plain.prefill(prompts, 6);
      fused.prefill(prompts, 6);
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
          List<int[]> next = List.of(new int[] {further[i]}, new int[] {further[2 - i]});
          Logits expected = plain.forward(next);
          sessions.takeRuns();
          Logits given = fused.forward(next);
          assertThat(sessions.takeRuns()).hasSize(1);
          for (int b = 0; b < 2; b++) {
            assertClose(given, b, row(expected, b), TOLERANCE);
          }
        }
        compress(press, plain, fused);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "llama, FUSED_BY_HEAD, FUSED_BY_HEAD",
    // Layers that see six tokens back: places are positions until tokens are gone.
    "mistral-window, FUSED_BY_HEAD, DECOMPOSED",
    // One sink for each query head.
    "gpt-oss, DECOMPOSED, DECOMPOSED",
    // ALiBi.
    "bloom, DECOMPOSED, DECOMPOSED"
  })
  void theOperatorIsTakenWhereItComputesTheSame(
      String name, AttentionForm whole, AttentionForm evicted) {
    Path folder = Path.of("../test-data/reference/architectures", name);
    int[] ids = ints(ReferenceFolders.reference(folder).get("input_ids").get(0));
    ModelPress press = PressCatalog.load().make("adakv(knorm)").press();
    try (DecoderModel other = open(folder);
        Context rows = other.start(2, Set.of()).allowFused(0)) {
      rows.prefill(List.of(Arrays.copyOf(ids, 5), ids), 64);
      sessions.takeRuns();
      rows.forward(List.of(new int[] {1}, new int[] {2}));
      assertThat(sessions.takeRuns()).containsExactly(whole);
      rows.compress(press, Budget.ratio(0.5));
      rows.forward(List.of(new int[] {1}, new int[] {2}));
      assertThat(sessions.takeRuns()).containsExactly(evicted);
    }
  }

  @Test
  void aRowThatLostNothingDoesNotSpeakForOthers() {
    Path folder = Path.of("../test-data/reference/architectures/mistral-window");
    int[] ids = ints(ReferenceFolders.reference(folder).get("input_ids").get(0));
    int[] slots = {0, 1, 2, 3, 4};
    try (DecoderModel other = open(folder);
        Context plain = other.start(2, Set.of());
        Context fused = other.start(2, Set.of()).allowFused(0)) {
      int layers = other.info().layers();
      Keep first = Keep.ofLayers(2, 2, Collections.nCopies(layers, slots).toArray(int[][]::new));
      for (Context context : List.of(plain, fused)) {
        context.prefill(List.of(Arrays.copyOf(ids, 5), ids), 64);
        context.compress(first, Budget.FULL);
      }
      List<int[]> next = List.of(new int[] {1}, new int[] {2});
      Logits expected = plain.forward(next);
      sessions.takeRuns();
      assertClose(fused.forward(next), expected, TOLERANCE);
      assertThat(sessions.takeRuns()).containsExactly(AttentionForm.DECOMPOSED);
    }
  }

  @Test
  void observedStepsGoThroughTheFormThatShowsThem() {
    ModelPress press = PressCatalog.load().make("adakv(h2o(local_window_size=16))").press();
    try (Context fused = model.start(1, press.needs()).allowFused(0)) {
      fused.prefill(storyIds(0, PROMPT), 50);
      fused.compress(press, Budget.ratio(0.6));
      sessions.takeRuns();
      fused.forward(storyIds(120, 121));
      assertThat(sessions.takeRuns()).containsExactly(AttentionForm.DECOMPOSED);
    }
  }
}
