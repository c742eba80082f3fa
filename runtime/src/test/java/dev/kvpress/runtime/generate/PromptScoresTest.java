package dev.kvpress.runtime.generate;

import static dev.kvpress.runtime.generate.GenerateFixtures.STORY;
import static dev.kvpress.runtime.generate.GenerateFixtures.press;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.export.TestProvider;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How likely tokens are, against passes made by hand. */
@Tag(TestProvider.TAG)
class PromptScoresTest {
  private static final double CLOSE = 2e-3;

  @TempDir static Path cache;
  private static DecoderModel model;
  private static Generator generator;
  private static int[] ids;

  @BeforeAll
  static void open() {
    model = GenerateFixtures.open(cache);
    generator =
        Generator.over(model, GenerateFixtures.words(), GeneratorOptions.DEFAULT.withChunkSize(7));
    ids = generator.tokens(new Prompt.Text(STORY)).toArray();
  }

  @AfterAll
  static void close() {
    if (model != null) {
      generator.close();
      model.close();
    }
  }

  private static void assertScores(PromptScores scores, double[] expected) {
    assertThat(scores.tokens()).hasSize(ids.length);
    assertThat(scores.tokens().get(0).logProbability()).isNaN();
    for (int i = 1; i < ids.length; i++) {
      assertThat(scores.tokens().get(i).id()).isEqualTo(ids[i]);
      assertThat(scores.tokens().get(i).logProbability())
          .as("token %d", i)
          .isCloseTo(-expected[i], within(CLOSE));
    }
  }

  private static void note(double[] all, int from, Logits logits) {
    for (int r = 0; r < logits.rows() && from + r + 1 < ids.length; r++) {
      all[from + r + 1] = logits.negativeLogLikelihood(r, ids[from + r + 1]);
    }
  }

  private static double[] whole() {
    double[] all = new double[ids.length];
    try (Context context = model.start(1, Set.of())) {
      note(all, 0, context.forward(ids));
    }
    return all;
  }

  @Test
  void onTheFullCacheTheyAreThoseOfOnePass() {
    PromptScores scores =
        generator.score(ScoreRequest.of(new Prompt.Text(STORY)).withAlternatives(3));
    assertScores(scores, whole());
    TokenScore last = scores.tokens().get(ids.length - 1);
    assertThat(last.alternatives()).hasSize(3);
    assertThat(last.alternatives().get(0).logProbability())
        .isGreaterThanOrEqualTo(last.logProbability());
    assertThat(scores.tokens().stream().mapToInt(TokenScore::textOffset)).isSorted();
    assertThat(scores.usage().promptTokens()).isEqualTo(ids.length);
    assertThat(scores.usage().keptTokens()).isEqualTo(scores.usage().seenTokens());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "knorm",
        "h2o(local_window_size=4)",
        "quantized(knorm,bits=8,group_size=8,residual_length=4)"
      })
  void withoutAContextThePressIsAskedAfterEachToken(String spec) {
    Compression half = GenerateFixtures.removing(0.5, press(spec));
    double[] expected = new double[ids.length];
    long kept;
    try (Context context = model.start(1, half.press().needs())) {
      half.press().cacheFormat().ifPresent(context::keepIn);
      for (int i = 0; i < ids.length - 1; i++) {
        note(expected, i, context.forward(ids[i]));
        context.compress(half.press(), half.budget());
      }
      kept = context.keptTokens();
    }
    PromptScores scores =
        generator.score(ScoreRequest.of(new Prompt.Text(STORY)).compressedBy(half));
    assertScores(scores, expected);
    assertThat(scores.usage().finalKeptTokens()).isEqualTo(kept);
    assertThat(scores.usage().pressNanos()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"snapkv(window_size=4)", "adakv(knorm)", "decoding(knorm,target_size=12)"})
  void behindAContextTheyAreOverWhatIsLeftOfIt(String spec) {
    int context = ids.length / 2;
    Compression half = GenerateFixtures.removing(0.5, press(spec));
    double[] expected = whole();
    try (Context cut = model.start(1, half.press().needs())) {
      Logits last = cut.prefill(Arrays.copyOf(ids, context), 7);
      note(expected, context - 1, last);
      if (half.press().phases().contains(dev.kvpress.presses.Phase.PREFILL)) {
        cut.compress(half.press(), half.budget());
      }
      for (int from = context; from < ids.length - 1; from += 7) {
        int to = Math.min(ids.length - 1, from + 7);
        note(expected, from, cut.forward(Arrays.copyOfRange(ids, from, to)));
        if (half.press().evictsWhileDecoding()) {
          cut.compress(half.press(), half.budget());
        }
      }
    }
    PromptScores scores =
        generator.score(
            ScoreRequest.of(new Prompt.Text(STORY)).compressedBy(half).behindContextOf(context));
    assertScores(scores, expected);
    assertThat(scores.usage().seenTokens()).isEqualTo(context * 20L);
  }

  @Test
  void aPressOfThePrefillNeedsAContext() {
    Compression half = new Compression(press("pyramidkv(window_size=4)"), Budget.ratio(0.5));
    assertThatThrownBy(
            () -> generator.score(ScoreRequest.of(new Prompt.Text(STORY)).compressedBy(half)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("how many tokens are the context");
  }

  @Test
  void aTextOfOneTokenHasNoFigure() {
    PromptScores scores =
        generator.score(
            ScoreRequest.of(
                new Prompt.Tokens(com.google.common.primitives.ImmutableIntArray.of(1))));
    assertThat(scores.tokens()).hasSize(1);
    assertThat(scores.tokens().get(0).logProbability()).isNaN();
  }

  @Test
  void manyAtOnceAndTextsBesideThemAreWhatEachIsAlone() {
    double[] expected = whole();
    Generating beside =
        generator.start(GenerationRequest.text(STORY).atMost(20), GenerationListener.NONE);
    List<PromptScores> all =
        java.util.stream.IntStream.range(0, 4)
            .parallel()
            .mapToObj(i -> generator.score(ScoreRequest.of(new Prompt.Text(STORY))))
            .toList();
    all.forEach(scores -> assertScores(scores, expected));
    assertThat(beside.join().usage().generatedTokens()).isEqualTo(20);
  }

  @Test
  void anInterruptGivesThemUp() throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    // The thread that would score is kept for a while: else it could be done before anybody waits.
    Generating beside =
        generator.start(
            GenerationRequest.text(STORY).atMost(2),
            piece -> {
              held.countDown();
              Uninterruptibles.awaitUninterruptibly(go);
            });
    held.await();
    CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS).execute(go::countDown);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> generator.score(ScoreRequest.of(new Prompt.Text(STORY))))
          .isInstanceOf(CancellationException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
      beside.join();
    }
  }
}
