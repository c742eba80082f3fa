package dev.kvpress.runtime.generate;

import static dev.kvpress.runtime.generate.GenerateFixtures.STORY;
import static dev.kvpress.runtime.generate.GenerateFixtures.press;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.text.ForwardingTokenizer;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ends a generation beside its last token, and what is left then. */
@Tag(TestProvider.TAG)
class GeneratorEndsTest {
  @TempDir static Path cache;
  private static DecoderModel model;

  @BeforeAll
  static void open() {
    model = GenerateFixtures.open(cache);
  }

  @AfterAll
  static void close() {
    if (model != null) {
      model.close();
    }
  }

  private static Generator generator(GeneratorOptions how) {
    return Generator.over(model, GenerateFixtures.words(), how);
  }

  private static GenerationRequest story(int tokens) {
    return GenerationRequest.text(STORY).atMost(tokens);
  }

  /** Holds the generator's thread at its first piece until it is let go. */
  private static final class Gate implements GenerationListener {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    @Override
    public void onPiece(TextPiece piece) {
      reached.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void cancellingLeavesTheTextSoFar() {
    try (Generator generator = generator(GeneratorOptions.DEFAULT)) {
      String whole = generator.generate(story(60)).text();
      AtomicReference<Generating> running = new AtomicReference<>();
      CountDownLatch known = new CountDownLatch(1);
      AtomicInteger pieces = new AtomicInteger();
      Generating cancelled =
          generator.start(
              story(60),
              piece -> {
                GenerateFixtures.await(known);
                if (pieces.incrementAndGet() == 5) {
                  running.get().cancel();
                }
              });
      running.set(cancelled);
      known.countDown();
      Generation partial = cancelled.join();
      assertThat(partial.reason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(whole).startsWith(partial.text());
      assertThat(partial.text()).isNotEmpty();
      assertThat(partial.usage().generatedTokens()).isBetween(5, 9);
      assertThat(partial.usage().keptTokens()).isPositive();
      assertThat(cancelled.isDone()).isTrue();
      cancelled.cancel();
      assertThat(cancelled.join()).isEqualTo(partial);
    }
  }

  @Test
  void cancellingEndsALongPromptBetweenItsChunks() {
    try (Generator generator = generator(GeneratorOptions.DEFAULT.withChunkSize(1))) {
      String longPrompt = STORY + " " + STORY + " " + STORY;
      AtomicReference<Generating> beside = new AtomicReference<>();
      CountDownLatch known = new CountDownLatch(1);
      Generating first =
          generator.start(
              GenerationRequest.tokens(1).atMost(12),
              piece -> {
                GenerateFixtures.await(known);
                beside.get().cancel();
              });
      beside.set(generator.start(GenerationRequest.text(longPrompt), GenerationListener.NONE));
      known.countDown();
      Generation given = beside.get().join();
      assertThat(given.reason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(given.text()).isEmpty();
      // Nothing was cut or chosen: its prompt had not been read to the end.
      assertThat(given.usage().seenTokens()).isZero();
      assertThat(first.join().reason()).isEqualTo(FinishReason.MAX_TOKENS);
    }
  }

  @Test
  void theTimeLimitLeavesTheTextSoFarAndCountsWaiting() {
    try (Generator generator = generator(GeneratorOptions.DEFAULT.withMostRunning(1))) {
      String whole = generator.generate(story(150)).text();
      Gate gate = new Gate();
      Generating late = generator.start(story(150).within(Duration.ofMillis(150)), gate);
      GenerateFixtures.await(gate.reached);
      Generating never =
          generator.start(story(5).within(Duration.ofMillis(10)), GenerationListener.NONE);
      GenerateFixtures.sleep(200);
      gate.open.countDown();
      assertThat(late.join().reason()).isEqualTo(FinishReason.TIME_LIMIT);
      assertThat(whole).startsWith(late.join().text());
      assertThat(late.join().text()).isNotEmpty();
      assertThat(never.join().reason()).isEqualTo(FinishReason.TIME_LIMIT);
      assertThat(never.join().usage().generatedTokens()).isZero();
      assertThat(never.join().usage().waitNanos()).isGreaterThan(100_000_000L);
    }
  }

  @Test
  void refusesWhenTooManyWait() {
    AtomicInteger busy = new AtomicInteger();
    GenerationObserver observer =
        new GenerationObserver() {
          @Override
          public void onBusy() {
            busy.incrementAndGet();
          }
        };
    GeneratorOptions how =
        GeneratorOptions.DEFAULT.withMostRunning(1).withMostWaiting(1).watchedBy(observer);
    try (Generator generator = generator(how)) {
      Gate gate = new Gate();
      Generating running = generator.start(story(3), gate);
      GenerateFixtures.await(gate.reached);
      Generating waits = generator.start(story(3), GenerationListener.NONE);
      assertThat(generator.running()).isEqualTo(1);
      assertThat(generator.waiting()).isEqualTo(1);
      assertThatThrownBy(() -> generator.start(story(3), GenerationListener.NONE))
          .isInstanceOf(BusyException.class)
          .hasMessageContaining("1 requests wait");
      assertThatThrownBy(() -> generator.score(ScoreRequest.of(new Prompt.Text(STORY))))
          .isInstanceOf(BusyException.class);
      gate.open.countDown();
      assertThat(waits.join().text()).isEqualTo(running.join().text());
      assertThat(busy).hasValue(2);
    }
  }

  /** Throws at each piece, and keeps what it is told of the failure. */
  private static GenerationListener throwing(
      Runnable fault, AtomicReference<RuntimeException> told) {
    return new GenerationListener() {
      @Override
      public void onPiece(TextPiece piece) {
        fault.run();
      }

      @Override
      public void onFailure(RuntimeException reason) {
        told.set(reason);
      }
    };
  }

  @Test
  void aListenerThatThrowsEndsItsGenerationAlone() {
    try (Generator generator = generator(GeneratorOptions.DEFAULT)) {
      Generating beside = generator.start(story(20), GenerationListener.NONE);
      AtomicReference<RuntimeException> told = new AtomicReference<>();
      IllegalArgumentException thrown = new IllegalArgumentException("no more room");
      Generating failing =
          generator.start(
              story(20),
              throwing(
                  () -> {
                    throw thrown;
                  },
                  told));
      assertThatThrownBy(failing::join).isSameAs(thrown);
      assertThat(told).hasValue(thrown);
      assertThat(failing.future()).isCompletedExceptionally();
      assertThat(beside.join().usage().generatedTokens()).isEqualTo(20);
    }
  }

  @Test
  void anErrorOfAListenerEndsItsGenerationAlone() {
    try (Generator generator = generator(GeneratorOptions.DEFAULT)) {
      Generating beside = generator.start(story(20), GenerationListener.NONE);
      AtomicReference<RuntimeException> told = new AtomicReference<>();
      AssertionError thrown = new AssertionError("not what was expected");
      Generating failing =
          generator.start(
              story(20),
              throwing(
                  () -> {
                    throw thrown;
                  },
                  told));
      assertThatThrownBy(failing::join)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("not what was expected")
          .hasCause(thrown);
      assertThat(told.get()).hasCause(thrown);
      assertThat(beside.join().usage().generatedTokens()).isEqualTo(20);
      assertThat(generator.generate(story(3)).usage().generatedTokens()).isEqualTo(3);
    }
  }

  @Test
  void aTextThatCannotFitIsRefusedBeforeItBecomesTokens() {
    AtomicInteger encoded = new AtomicInteger();
    Tokenizer own = GenerateFixtures.words().tokenizer();
    Tokenizer counting =
        new ForwardingTokenizer(own) {
          @Override
          public int[] encode(String text) {
            encoded.incrementAndGet();
            return super.encode(text);
          }

          @Override
          public int[] encodeFragment(String text) {
            encoded.incrementAndGet();
            return super.encodeFragment(text);
          }
        };
    ModelWords words = new ModelWords(counting, GenerateFixtures.words().template());
    String text = "a".repeat(8_000_000);
    try (Generator generator = Generator.over(model, words, GeneratorOptions.DEFAULT)) {
      for (Prompt prompt :
          List.of(new Prompt.Text(text), new Prompt.Chat(List.of(ChatMessage.user(text))))) {
        for (ThrowingCallable asked :
            List.<ThrowingCallable>of(
                () -> generator.generate(GenerationRequest.of(prompt)),
                () -> generator.compress(prompt, Compression.NONE),
                () -> generator.score(ScoreRequest.of(prompt)),
                () -> generator.tokens(prompt))) {
          assertThatThrownBy(asked)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageMatching(
                  "the prompt has at least \\d+ tokens, but .* has 512 positions.*");
        }
      }
      assertThat(encoded).hasValue(0);
      assertThatThrownBy(() -> generator.generate(GenerationRequest.text("lone \ud83d end")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("half of one")
          .hasMessageContaining("index 5");
      assertThat(generator.generate(story(2)).usage().generatedTokens()).isEqualTo(2);
    }
  }

  @Test
  void makingTokensCountsForTheTimeLimit() {
    ModelWords slow =
        new ModelWords(
            new ForwardingTokenizer(GenerateFixtures.words().tokenizer()) {
              @Override
              public int[] encode(String text) {
                GenerateFixtures.sleep(60);
                return super.encode(text);
              }
            },
            Optional.empty());
    try (Generator generator = Generator.over(model, slow, GeneratorOptions.DEFAULT)) {
      Generation late = generator.generate(story(2).within(Duration.ofMillis(50)));
      assertThat(late.reason()).isEqualTo(FinishReason.TIME_LIMIT);
      assertThat(late.usage().generatedTokens()).isZero();
    }
  }

  @Test
  void asManyTokensAsAnIntHoldsAreAllowed() {
    try (Generator generator = generator(GeneratorOptions.DEFAULT)) {
      Generation all = generator.generate(story(Integer.MAX_VALUE).stoppingAt("dog"));
      assertThat(all.usage().generatedTokens()).isPositive();
    }
  }

  @Test
  void aListenerMustNotWaitForTheGenerator() {
    try (Generator generator = generator(GeneratorOptions.DEFAULT)) {
      Generating waits = generator.start(story(3), piece -> generator.generate(story(3)));
      assertThatThrownBy(waits::join)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("another thread");
    }
  }

  @Test
  void stopStringsAndTokensEndTheTextBeforeThem() {
    try (Generator generator = generator(GeneratorOptions.DEFAULT)) {
      Generation whole = generator.generate(story(40).withLogProbabilities(0));
      String stop = whole.text().substring(20, 26);
      Generation cut = generator.generate(story(40).stoppingAt(stop).withLogProbabilities(0));
      assertThat(cut.reason()).isEqualTo(FinishReason.STOP);
      assertThat(cut.stop()).contains(stop);
      assertThat(cut.text()).isEqualTo(whole.text().substring(0, whole.text().indexOf(stop)));
      assertThat(cut.usage().generatedTokens()).isLessThan(whole.usage().generatedTokens());
      TokenScore tenth = whole.tokens().get(9);
      Generation byToken =
          generator.generate(
              story(40)
                  .stoppingAt(new StopRules(List.of(), Set.of(tenth.id()), false))
                  .withLogProbabilities(2));
      assertThat(byToken.reason()).isEqualTo(FinishReason.STOP);
      TokenScore end = byToken.end().orElseThrow();
      assertThat(end.id()).isEqualTo(tenth.id());
      assertThat(end.alternatives()).hasSize(2);
      assertThat(end.textOffset()).isEqualTo(byToken.text().length());
      assertThat(whole.text()).startsWith(byToken.text());
      assertThat(byToken.tokens()).hasSize(byToken.usage().generatedTokens());
    }
  }

  @Test
  void refusesAtOnceWhatCannotBe() {
    try (Generator generator = generator(GeneratorOptions.DEFAULT)) {
      GenerationListener none = GenerationListener.NONE;
      assertThatThrownBy(() -> generator.start(GenerationRequest.tokens(1, 99_999), none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token id 99999 is outside the vocabulary of 512");
      assertThatThrownBy(() -> generator.start(GenerationRequest.tokens(-1), none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token id -1 is outside the vocabulary of 512");
      for (int id : new int[] {-1, 512, 99_999}) {
        assertThatThrownBy(() -> generator.text(ImmutableIntArray.of(1, id)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("token id " + id + " is outside the vocabulary of 512");
      }
      assertThatThrownBy(() -> generator.start(GenerationRequest.tokens(new int[600]), none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("600 tokens")
          .hasMessageContaining("512 positions");
      assertThatThrownBy(() -> story(2).compressedBy(press("baseline"), Budget.ratio(0.6)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("compression_ratio=0.6 would remove nothing");
      assertThatThrownBy(() -> story(2).compressedBy(press("dms(h2o)"), Budget.tokens(6)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("budget=6 would change nothing");
      Compression reads = new Compression(GenerateFixtures.press("duo_attention"), Budget.FULL);
      assertThatThrownBy(() -> generator.start(story(2).compressedBy(reads), none))
          .isInstanceOf(ModelException.class);
      ModelWords plain = new ModelWords(generator.words().tokenizer(), java.util.Optional.empty());
      try (Generator withoutTemplate = Generator.over(model, plain, GeneratorOptions.DEFAULT)) {
        assertThatThrownBy(() -> withoutTemplate.start(GenerationRequest.chat("Hi"), none))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("no chat template");
      }
      assertThat(generator.waiting()).isZero();
    }
  }
}
