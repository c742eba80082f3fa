package dev.kvpress.runtime.generate;

import static dev.kvpress.runtime.generate.GenerateFixtures.STORY;
import static dev.kvpress.runtime.generate.GenerateFixtures.press;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.TokenGenerator;
import dev.kvpress.runtime.decode.TokenRequest;
import dev.kvpress.runtime.decode.TokenResult;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.text.TextStream;
import dev.kvpress.runtime.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One request gives one text, whichever way it is asked and whoever asks beside it. */
@Tag(TestProvider.TAG)
class GeneratorTest {
  private static final int NEW_TOKENS = 40;

  @TempDir static Path cache;
  private static DecoderModel model;
  private static Generator generator;

  @BeforeAll
  static void open() {
    model = GenerateFixtures.open(cache);
    generator =
        Generator.over(model, GenerateFixtures.words(), GeneratorOptions.DEFAULT.withChunkSize(16));
  }

  @AfterAll
  static void close() {
    if (model != null) {
      generator.close();
      model.close();
    }
  }

  /** The text that the token-level generator gives. */
  private static String alone(String prompt, Compression how, Positions positions) {
    Tokenizer tokenizer = generator.words().tokenizer();
    int[] ids = tokenizer.encode(prompt);
    TextStream text = TextStream.behind(tokenizer, ids);
    StringBuilder all = new StringBuilder();
    TokenResult result =
        TokenGenerator.generate(
            model,
            ids,
            new TokenRequest(NEW_TOKENS, 16, how.press(), how.budget(), positions),
            tokenizer::endsText,
            id -> all.append(text.add(id)));
    assertThat(result.ids().isEmpty()).isFalse();
    return all + text.end();
  }

  private static GenerationRequest request(String prompt, Compression how) {
    return GenerationRequest.text(prompt).compressedBy(how).atMost(NEW_TOKENS);
  }

  private static Compression compression(String spec, double ratio) {
    return GenerateFixtures.removing(ratio, press(spec));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "baseline | 0 | TRUE",
        "h2o(local_window_size=8) | 0.5 | TRUE",
        "snapkv(window_size=16) | 0.5 | TRUE",
        "adakv(snapkv(window_size=8)) | 0.5 | TRUE",
        "decoding(knorm,target_size=24,compression_interval=4) | 0 | TRUE",
        "quantized(knorm,bits=4,group_size=16,residual_length=8) | 0.5 | TRUE",
        "streaming_llm | 0.5 | ROLLED",
      })
  void isTheTextOfTheTokenLevelGenerator(String spec, double ratio, Positions positions) {
    Compression how = compression(spec, ratio);
    Generation generation = generator.generate(request(STORY, how).at(positions));
    assertThat(generation.text()).isEqualTo(alone(STORY, how, positions));
    assertThat(generation.reason()).isEqualTo(FinishReason.MAX_TOKENS);
    assertThat(generation.usage().generatedTokens()).isEqualTo(NEW_TOKENS);
    assertThat(generation.usage().promptTokens())
        .isEqualTo(generator.tokens(new Prompt.Text(STORY)).length());
    assertThat(generation.usage().keptTokens())
        .isLessThanOrEqualTo(generation.usage().seenTokens());
  }

  @Test
  void piecesForListenersAndSubscribersAreTheText() throws Exception {
    GenerationRequest request = request(STORY, Compression.NONE);
    String expected = generator.generate(request).text();
    List<String> heard = new ArrayList<>();
    CompletableFuture<Generation> end = new CompletableFuture<>();
    Generating running =
        generator.start(
            request,
            new GenerationListener() {
              @Override
              public void onPiece(TextPiece piece) {
                heard.add(piece.text());
              }

              @Override
              public void onEnd(Generation generation) {
                end.complete(generation);
              }
            });
    assertThat(end.get()).isEqualTo(running.join());
    assertThat(running.join().text()).isEqualTo(expected);
    assertThat(String.join("", heard)).isEqualTo(expected);
    assertThat(heard).hasSizeGreaterThan(NEW_TOKENS / 2);
    assertThat(published(generator.publish(request))).isEqualTo(expected);
  }

  private static String published(Flow.Publisher<TextPiece> publisher) throws Exception {
    CompletableFuture<String> all = new CompletableFuture<>();
    publisher.subscribe(
        new Flow.Subscriber<>() {
          private final StringBuilder text = new StringBuilder();

          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
          }

          @Override
          public void onNext(TextPiece piece) {
            text.append(piece.text());
          }

          @Override
          public void onError(Throwable reason) {
            all.completeExceptionally(reason);
          }

          @Override
          public void onComplete() {
            all.complete(text.toString());
          }
        });
    return all.get();
  }

  @Test
  void manyThreadsAtOnceGetWhatEachGetsAlone() throws Exception {
    List<GenerationRequest> requests = new ArrayList<>();
    List<String> specs = List.of("baseline", "h2o(local_window_size=8)", "knorm");
    for (int i = 0; i < 8; i++) {
      String prompt = STORY.substring(0, 20 + 10 * i);
      requests.add(request(prompt, compression(specs.get(i % 3), 0.4)).atMost(8 + i));
    }
    List<String> alone = requests.stream().map(r -> generator.generate(r).text()).toList();
    ExecutorService threads = Executors.newFixedThreadPool(64);
    try {
      List<Callable<String>> calls = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        GenerationRequest request = requests.get(i % requests.size());
        calls.add(() -> generator.generate(request).text());
      }
      List<Future<String>> together = threads.invokeAll(calls);
      for (int i = 0; i < together.size(); i++) {
        assertThat(together.get(i).get()).isEqualTo(alone.get(i % alone.size()));
      }
    } finally {
      threads.shutdown();
    }
    assertThat(generator.running()).isZero();
    assertThat(generator.waiting()).isZero();
  }
}
