package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.ReadingPress;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.PromptFrame;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read behind a context, and that the context does not notice. */
class ContextReaderTest {
  private static final SecondPassFixture FIXTURE = SecondPassFixture.of("qwen3");
  private static final Budget HALF = Budget.ratio(0.5);

  @TempDir static Path cache;
  private static DecoderModel model;

  @BeforeAll
  static void open() {
    model = FIXTURE.open(cache);
    model.prompts().use(FIXTURE.frame(0));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private interface Act {
    void with(ModelSignals context, Reader reader);
  }

  /** Reads and keeps all. */
  private record Reads(Act act, Set<Signal> needs) implements ReadingPress {
    @Override
    public List<CacheEdit> compress(ModelSignals context, Reader reader, Budget budget) {
      act.with(context, reader);
      return Collections.nCopies(context.layers().size(), CacheEdit.none());
    }

    @Override
    public Set<Signal> needsOfReading() {
      return Set.of();
    }
  }

  private static EditSummary read(Act act) {
    Reads press = new Reads(act, Set.of(new Signal.AttentionSums()));
    try (Context context = model.start(1, press.needs())) {
      context.prefill(FIXTURE.ids(), 7);
      return context.compress(press, HALF);
    }
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  @Test
  void theContextGoesOnAsIfNothingHadBeenRead() {
    int[] ids = FIXTURE.ids();
    Reads press =
        new Reads(
            (context, reader) -> reader.read(reader.context(), Set.of(), (read, from, to) -> {}),
            Set.of());
    for (boolean fused : new boolean[] {false, true}) {
      try (Context plain = model.start(1, Set.of());
          Context read = model.start(1, Set.of())) {
        for (Context context : List.of(plain, read)) {
          if (fused) {
            context.allowFused(0);
          }
          context.prefill(ids, 7);
        }
        EditSummary done = read.compress(press, HALF);
        assertThat(done.readTokens()).isEqualTo(ids.length);
        assertThat(done.readingNanos()).isPositive();
        assertThat(read.nextPosition(0)).isEqualTo(ids.length);
        assertThat(read.tokensSeen()).isEqualTo(ids.length);
        assertThat(DecodeFixtures.rows(read.forward(3, 1, 4)))
            .isDeepEqualTo(DecodeFixtures.rows(plain.forward(3, 1, 4)));
      }
    }
  }

  @Test
  void givesWhatIsReadAndNothingOfTheContextsOwnAttention() {
    List<Integer> ends = new ArrayList<>();
    read(
        (context, reader) ->
            reader.read(
                reader.context(),
                Set.of(
                    new Signal.AttentionSums(),
                    new Signal.AttentionMaxima(),
                    new Signal.Queries(Signal.ALL, true)),
                (read, from, to) -> {
                  ends.add(to);
                  LayerSignals layer = read.layers().get(1);
                  int slots = reader.context().length() + to;
                  assertThat(layer.length(0, 0)).isEqualTo(slots);
                  assertThat(layer.queries().size(2)).isEqualTo(to - from);
                  double sum = 0;
                  for (int j = 0; j < slots; j++) {
                    sum += layer.attention().sum(0, 1, j);
                    assertThat((double) layer.attention().maximum(0, 1, j))
                        .isLessThanOrEqualTo(layer.attention().sum(0, 1, j) + 1e-6);
                  }
                  assertThat(sum).isCloseTo(to, within(1e-4 * to));
                  float[] own = new float[layer.keys().size()];
                  float[] first = own.clone();
                  context.layers().get(1).keys().read(0, 0, 5, own);
                  layer.keys().read(0, 0, 5, first);
                  assertThat(first).isEqualTo(own);
                }));
    assertThat(ends).last().isEqualTo(FIXTURE.ids().length);
  }

  @Test
  void longReadingComesInPartsWhichAreOneText() {
    int[] ids = IntStream.range(0, 2 * ContextReader.PART + 9).map(i -> 3 + i * 7 % 37).toArray();
    List<Integer> froms = new ArrayList<>();
    EditSummary done =
        read(
            (context, reader) ->
                reader.read(
                    ImmutableIntArray.copyOf(ids),
                    Set.of(new Signal.AttentionSums()),
                    (read, from, to) -> {
                      assertThat(from)
                          .isEqualTo(
                              read.layers().get(0).length(0, 0)
                                  - FIXTURE.ids().length
                                  - (to - from));
                      froms.add(from);
                    }));
    assertThat(froms).hasSize(3).startsWith(0);
    assertThat(done.readTokens()).isEqualTo(ids.length);
    assertThat(done.notices())
        .singleElement()
        .asString()
        .contains("up to position " + (FIXTURE.ids().length + ids.length), "beyond the 64");
  }

  @Test
  void refusesACacheThatIsNotWhole() {
    try (Context context = model.start(1, Set.of())) {
      context.prefill(FIXTURE.ids(), 7);
      context.compress(press("knorm"), HALF);
      assertThatThrownBy(() -> context.compress(press("kvzip"), HALF))
          .isInstanceOf(ModelException.class)
          .hasMessageContainingAll("reads the context again", "40 keys and values are gone");
    }
  }

  @Test
  void refusesSeveralRows() {
    try (Context context = model.start(2, Set.of())) {
      context.prefill(List.of(FIXTURE.ids(), FIXTURE.ids()), 7);
      assertThatThrownBy(() -> context.compress(press("kvzip"), HALF))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("takes one row", "found 2");
    }
  }

  @Test
  void refusesAModelWhosePromptsNobodyKnows() {
    try (DecoderModel other = FIXTURE.open(cache)) {
      assertThatThrownBy(() -> other.requirePress("kvzip", press("kvzip"), 20))
          .isInstanceOf(ModelException.class)
          .hasMessageContainingAll("reads the context again", "tokenizer beside the model");
    }
  }

  @Test
  void refusesToReadBeyondATableOfPositions() {
    Path gpt2 = Path.of("../test-data/reference/architectures/gpt2");
    try (DecoderModel other = DecoderModel.open(gpt2, DecodeFixtures.oneThread(cache))) {
      other.prompts().use(PromptFrame.encodedBy(text -> new int[] {1}));
      int positions = other.info().maxPositions().orElseThrow();
      int[] ids = new int[positions - 4];
      try (Context context = other.start(1, Set.of())) {
        context.prefill(ids, 16);
        assertThatThrownBy(() -> context.compress(press("kvzip"), HALF))
            .isInstanceOf(ModelException.class)
            .hasMessageContainingAll(
                "needs " + (2 * ids.length + 2) + " positions", "has " + positions, "chunk_size");
        // The request, the token before, a line end and one token fit.
        assertThat(context.compress(press("kvzip(chunk_size=1)"), HALF).removedTokens())
            .isPositive();
      }
    }
  }
}
