package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecodeFixtures.Keep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cache in few bits against one in full that holds the very numbers the bits stand for. */
class PackedContextTest {
  private static final int PROMPT = 150;
  private static final CacheFormat FOUR = new CacheFormat(4, 16, 20);

  @TempDir Path cache;
  private DecoderModel model;

  @BeforeEach
  void open() {
    model = DecodeFixtures.open("stories260K", cache);
  }

  @AfterEach
  void close() {
    if (model != null) {
      model.close();
    }
  }

  private Context prefilled(String press) {
    Context context = model.start(1, press(press).needs());
    context.prefill(storyIds(0, PROMPT), 64);
    return context;
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  /** Takes copies of keys and values, or writes those of another context. */
  private static final class Numbers implements ModelPress {
    private final List<HeadVectors> keys = new ArrayList<>();
    private final List<HeadVectors> values = new ArrayList<>();

    @Override
    public Set<Signal> needs() {
      return Set.of();
    }

    @Override
    public List<CacheEdit> compress(ModelSignals all, Budget budget) {
      boolean writes = !keys.isEmpty();
      List<CacheEdit> edits = new ArrayList<>();
      for (LayerSignals layer : all.layers()) {
        if (!writes) {
          keys.add(copy(layer.keys(), layer));
          values.add(copy(layer.values(), layer));
        }
        CacheEdit other =
            CacheEdit.none()
                .withKeys(keys.get(layer.layer()), OptionalInt.empty())
                .withValues(values.get(layer.layer()));
        edits.add(writes ? other : CacheEdit.none());
      }
      return edits;
    }

    private static HeadVectors copy(HeadVectors vectors, LayerSignals layer) {
      int longest = layer.maxLength();
      float[] all = new float[layer.kvHeads() * longest * vectors.size()];
      for (int g = 0; g < layer.kvHeads(); g++) {
        float[] own = new float[layer.length(0, g) * vectors.size()];
        vectors.read(0, g, 0, layer.length(0, g), own);
        System.arraycopy(own, 0, all, g * longest * vectors.size(), own.length);
      }
      return HeadVectors.dense(all, 1, layer.kvHeads(), longest, vectors.size());
    }
  }

  private static void assertHoldSame(Context packed, Context full) {
    assertThat(packed.keptTokens()).isEqualTo(full.keptTokens());
    for (int l = 0; l < 5; l++) {
      for (int g = 0; g < 4; g++) {
        assertThat(packed.positions(l, 0, g)).isEqualTo(full.positions(l, 0, g));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void givesTheLogitsOfTheNumbersItHolds(int bits) throws Exception {
    try (Context packed = prefilled("baseline");
        Context full = packed.fork()) {
      packed.keepIn(new CacheFormat(bits, 16, 20));
      Numbers numbers = new Numbers();
      packed.compress(numbers, Budget.FULL);
      full.compress(numbers, Budget.FULL);
      // Fewer than fill a group, so that nothing more is packed.
      int[] next = storyIds(PROMPT, PROMPT + 9);
      assertClose(packed.forward(next), full.forward(next), 1e-4);
      assertClose(packed.forward(5), full.forward(5), 1e-4);
    }
  }

  @Test
  void isCutUnevenlyAndGoesOn() throws Exception {
    int[][][] slots = new int[5][4][];
    for (int l = 0; l < 5; l++) {
      for (int g = 0; g < 4; g++) {
        int every = 2 + (l + g) % 4;
        slots[l][g] = IntStream.range(0, PROMPT).filter(s -> s % every != 0).toArray();
      }
    }
    slots[0][0] = new int[0];
    slots[3][2] = new int[] {3, 149};
    Arrays.fill(slots[4], new int[0]);
    try (Context packed = prefilled("baseline")) {
      packed.keepIn(FOUR);
      try (Context other = packed.fork()) {
        packed.compress(new Keep(slots), Budget.FULL);
        Numbers numbers = new Numbers();
        packed.compress(numbers, Budget.FULL);
        try (Context full = prefilled("baseline")) {
          full.compress(new Keep(slots), Budget.FULL);
          full.compress(numbers, Budget.FULL);
          assertHoldSame(packed, full);
          int[] next = storyIds(PROMPT, PROMPT + 7);
          assertClose(packed.forward(next), full.forward(next), 1e-4);
        }
        assertThat(other.keptTokens()).isEqualTo(5 * 4 * PROMPT);
        other.forward(storyIds(PROMPT, PROMPT + 7));
      }
    }
  }

  @Test
  void letsPressesSeeTheAttentionOfTheTokensItHolds() throws Exception {
    String h2o = "h2o(hh_size=100,recent_size=30)";
    try (Context packed = prefilled(h2o);
        Context full = packed.fork()) {
      packed.keepIn(new CacheFormat(8, 16, 20));
      Numbers numbers = new Numbers();
      packed.compress(numbers, Budget.FULL);
      full.compress(numbers, Budget.FULL);
      for (int i = 0; i < 12; i++) {
        int next = storyIds(PROMPT + i, PROMPT + i + 1)[0];
        assertClose(packed.forward(next), full.forward(next), 1e-4);
        packed.compress(press(h2o), Budget.FULL);
        full.compress(press(h2o), Budget.FULL);
        assertHoldSame(packed, full);
      }
      assertThat(packed.keptTokens()).isEqualTo(5 * 4 * 130);
    }
  }

  @Test
  void takesFewerBytesAndPacksNewTokens() throws Exception {
    try (Context packed = prefilled("baseline")) {
      long full = packed.logicalBytes();
      packed.keepIn(new CacheFormat(2, 16, 16));
      // 8 of 9 groups are packed; 22 tokens are in full.
      int groups = 8;
      long bytesOfGroup = 16 * 2 * (8 * 2 / 8) + 4 * 8 + 16 * 4;
      long expected = 5L * 4 * (groups * bytesOfGroup + (150 - 128) * 2 * 8 * 4);
      assertThat(packed.logicalBytes()).isEqualTo(expected).isLessThan(full / 3);
      assertThat(packed.physicalBytes()).isEqualTo(expected);
      int[] next = storyIds(PROMPT, PROMPT + 60);
      for (int token : next) {
        packed.forward(token);
      }
      packed.forward(5);
      assertThat(packed.logicalBytes()).isLessThan(full * 211 / 150 / 3);
    }
  }

  @Test
  void startsWithoutTokensToo() throws Exception {
    int[] ids = storyIds(0, 60);
    try (Context packed = model.start(1, Set.of()).keepIn(new CacheFormat(8, 16, 64));
        Context full = model.start(1, Set.of())) {
      // All of them are in full.
      assertClose(packed.forward(ids), full.forward(ids), 1e-4);
      assertClose(packed.forward(7), full.forward(7), 1e-4);
    }
  }

  @Test
  void severalRowsGoOnTogether() throws Exception {
    try (Context rows = model.start(2, Set.of())) {
      rows.prefill(List.of(storyIds(0, 70), storyIds(20, 60)), 32);
      rows.keepIn(new CacheFormat(8, 8, 8));
      Logits both = rows.forward(List.of(new int[] {5}, new int[] {9}));
      for (int r = 0; r < 2; r++) {
        try (Context alone = model.start(1, Set.of())) {
          alone.prefill(r == 0 ? storyIds(0, 70) : storyIds(20, 60), 32);
          alone.keepIn(new CacheFormat(8, 8, 8));
          Logits own = alone.forward(r == 0 ? 5 : 9);
          assertClose(own, 0, DecodeFixtures.row(both, r), 1e-4);
        }
      }
    }
  }

  @Test
  void refusesOtherFormats() throws Exception {
    try (Context packed = prefilled("baseline")) {
      packed.keepIn(FOUR);
      packed.keepIn(FOUR);
      assertThat(packed.fork().cacheFormat()).contains(FOUR);
      assertThatThrownBy(() -> packed.keepIn(CacheFormat.ofBits(8)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("another format");
    }
  }

  @Test
  void aRowOfABatchGoesOnAsItDoesAlone() {
    ModelPress packs = press("quantized(knorm,bits=4,group_size=16,residual_length=8)");
    int[] prompt = storyIds(0, PROMPT);
    TokenRequest alone = new TokenRequest(6, 64, packs, Budget.ratio(0.5));
    BatchRequest full = BatchRequest.greedy(prompt, press("baseline"), Budget.FULL, 8);
    try (Batch batch = Batch.over(model, new BatchOptions(3, 64))) {
      Ticket first = batch.submit(BatchRequest.greedy(prompt, packs, Budget.ratio(0.5), 6));
      Ticket beside = batch.submit(full);
      batch.run();
      assertThat(first.result().ids())
          .isEqualTo(TokenGenerator.generate(model, prompt, alone, id -> false, id -> {}).ids());
      assertThat(first.result().logicalBytes()).isLessThan(beside.result().logicalBytes() / 4);
      assertThat(beside.result().ids().length()).isEqualTo(8);
    }
  }

  @Test
  void aPressBringsTheCacheIntoItsFormat() {
    ModelPress packs = press("quantized(knorm,bits=2,group_size=16,residual_length=8)");
    try (Context context = prefilled("knorm")) {
      context.compress(packs, Budget.ratio(0.5));
      assertThat(context.cacheFormat()).hasValue(new CacheFormat(2, 16, 8));
      context.keepIn(new CacheFormat(2, 16, 8));
      context.compress(packs, Budget.ratio(0.5));
      assertThat(context.achievedRatio()).isGreaterThan(0.7);
      assertThatThrownBy(() -> context.keepIn(FOUR)).hasMessageContaining("another format");
    }
  }
}
