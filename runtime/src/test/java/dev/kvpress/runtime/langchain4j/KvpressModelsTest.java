package dev.kvpress.runtime.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.generate.BusyException;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.generate.Generating;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.GeneratorOptions;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.SamplingOptions;
import dev.kvpress.runtime.generate.SharedContext;
import dev.kvpress.runtime.text.chat.ChatMessage;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.StreamingResponseHandler;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's models give what the generator gives. */
@Tag(TestProvider.TAG)
class KvpressModelsTest {
  private static final String STORY =
      "In Kestrel there lived a graceful astronomer called Timo. Every evening he climbed the"
          + " tower and counted the stars.";
  private static final int TOKENS = 24;
  private static final ModelPress H2O =
      PressCatalog.load().make("h2o(local_window_size=8)").press();
  private static final Compression HALF = new Compression(H2O, Budget.ratio(0.5));

  @TempDir static Path cache;
  private static DemoGenerator demo;
  private static Generator generator;

  @BeforeAll
  static void open() {
    demo = new DemoGenerator(cache);
    generator = demo.generator();
  }

  @AfterAll
  static void close() {
    demo.close();
  }

  private static KvpressChatModel.Builder chats() {
    return KvpressChatModel.builder().generator(generator).maxTokens(TOKENS);
  }

  private static KvpressStreamingChatModel.Builder streams() {
    return KvpressStreamingChatModel.builder().generator(generator).maxTokens(TOKENS);
  }

  private static GenerationRequest asked(ChatMessage... messages) {
    return GenerationRequest.chat(List.of(messages)).atMost(TOKENS);
  }

  @Test
  void answersAsTheGenerator() {
    Generation own = generator.generate(asked(ChatMessage.user(STORY)).compressedBy(HALF));
    ChatResponse response =
        chats()
            .press("h2o(local_window_size=8)", 0.5)
            .build()
            .chat(List.<dev.langchain4j.data.message.ChatMessage>of(UserMessage.from(STORY)));
    assertThat(own.text()).isNotBlank();
    assertThat(response.aiMessage().text()).isEqualTo(own.text());
    assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(response.modelName()).isEqualTo("demo");
    assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(own.usage().promptTokens());
    assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(TOKENS);
    assertThat(response.metadata()).isInstanceOf(KvpressResponseMetadata.class);
    KvpressResponseMetadata took = (KvpressResponseMetadata) response.metadata();
    assertThat(took.usage().keptTokens()).isEqualTo(own.usage().keptTokens());
    assertThat(took.usage().keptTokens()).isLessThan(took.usage().seenTokens());
  }

  @Test
  void tellsAllTurnsToTheModel() {
    Generation own =
        generator.generate(
            asked(
                new ChatMessage("system", "You tell stories."),
                ChatMessage.user("Of whom?\nOf Timo."),
                ChatMessage.assistant("He counted stars."),
                ChatMessage.user("Go on.")));
    ChatResponse response =
        chats()
            .build()
            .chat(
                SystemMessage.from("You tell stories."),
                UserMessage.from(TextContent.from("Of whom?"), TextContent.from("Of Timo.")),
                AiMessage.from("He counted stars."),
                UserMessage.from("Go on."));
    assertThat(response.aiMessage().text()).isEqualTo(own.text());
  }

  @Test
  void takesParametersOfTheRequestBeforeItsOwn() {
    String plain = generator.generate(asked(ChatMessage.user(STORY))).text();
    String stop = plain.substring(plain.length() / 2, plain.length() / 2 + 3);
    KvpressChatModel model = chats().temperature(1.3).minP(0.01).seed(11).stop("\u0000").build();
    SamplingOptions drawn = SamplingOptions.temperature(1.3).withMinP(0.01).withSeed(11);
    assertThat(model.chat(STORY))
        .isEqualTo(generator.generate(asked(ChatMessage.user(STORY)).sampling(drawn)).text())
        .isNotEqualTo(plain);
    ChatResponse cut =
        model.chat(
            request(ChatRequestParameters.builder().temperature(0.0).stopSequences(stop).build()));
    assertThat(cut.aiMessage().text()).isEqualTo(plain.substring(0, plain.indexOf(stop)));
    assertThat(cut.finishReason()).isEqualTo(FinishReason.STOP);
    ChatResponse other =
        model.chat(
            request(
                ChatRequestParameters.builder()
                    .topP(0.9)
                    .topK(30)
                    .presencePenalty(0.5)
                    .frequencyPenalty(0.25)
                    .maxOutputTokens(9)
                    .build()));
    SamplingOptions changed =
        drawn.withTopP(0.9).withTopK(30).withPresencePenalty(0.5).withFrequencyPenalty(0.25);
    assertThat(other.aiMessage().text())
        .isEqualTo(
            generator.generate(asked(ChatMessage.user(STORY)).sampling(changed).atMost(9)).text());
    assertThat(other.tokenUsage().outputTokenCount()).isEqualTo(9);
  }

  private static ChatRequest request(ChatRequestParameters parameters) {
    return ChatRequest.builder().messages(UserMessage.from(STORY)).parameters(parameters).build();
  }

  @Test
  void asksBehindAContext() {
    try (SharedContext context = generator.compress(new Prompt.Text(STORY), HALF)) {
      GenerationRequest request =
          GenerationRequest.text(" One night").behind(context).atMost(TOKENS);
      Response<String> response =
          KvpressLanguageModel.builder()
              .generator(generator)
              .context(context)
              .maxTokens(TOKENS)
              .build()
              .generate(" One night");
      Generation own = generator.generate(request);
      assertThat(response.content()).isEqualTo(own.text());
      assertThat(response.tokenUsage().inputTokenCount())
          .isEqualTo(context.tokens() + own.usage().promptTokens());
      assertThatThrownBy(() -> chats().press("baseline", 0.6))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("would remove nothing");
      assertThatThrownBy(() -> chats().context(context).press(H2O, Budget.ratio(0.5)).build())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("give a context or a press, not both");
    }
  }

  @Test
  void goesOnWithTextsAsTheyStand() throws Exception {
    Generation own = generator.generate(GenerationRequest.text(STORY).atMost(TOKENS));
    Response<String> response =
        KvpressLanguageModel.builder()
            .generator(generator)
            .maxTokens(TOKENS)
            .build()
            .generate(STORY);
    assertThat(response.content()).isEqualTo(own.text());
    assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
    CompletableFuture<Response<String>> whole = new CompletableFuture<>();
    List<String> pieces = new CopyOnWriteArrayList<>();
    KvpressStreamingLanguageModel.builder()
        .generator(generator)
        .maxTokens(TOKENS)
        .build()
        .generate(
            STORY,
            new StreamingResponseHandler<String>() {
              @Override
              public void onNext(String piece) {
                pieces.add(piece);
              }

              @Override
              public void onComplete(Response<String> complete) {
                whole.complete(complete);
              }

              @Override
              public void onError(Throwable error) {
                whole.completeExceptionally(error);
              }
            });
    assertThat(whole.get(60, TimeUnit.SECONDS).content()).isEqualTo(own.text());
    assertThat(pieces).hasSizeGreaterThan(3);
    assertThat(String.join("", pieces)).isEqualTo(own.text());
  }

  @Test
  void tellsPiecesAsTheyCome() throws Exception {
    String plain = generator.generate(asked(ChatMessage.user(STORY))).text();
    Heard heard = new Heard();
    streams().build().chat(STORY, heard);
    assertThat(heard.response().aiMessage().text()).isEqualTo(plain);
    assertThat(String.join("", heard.pieces)).isEqualTo(plain);
    assertThat(heard.pieces).hasSizeGreaterThan(3);
    assertThat(heard.ends).hasSize(1);
    assertThat(heard.response().metadata()).isInstanceOf(KvpressResponseMetadata.class);
  }

  @Test
  void aHandlerMayAskAgain() throws Exception {
    ChatModel model = chats().maxTokens(3).build();
    String second = model.chat("Who?");
    List<String> answers = new CopyOnWriteArrayList<>();
    Heard heard = new Heard(context -> answers.add(model.chat("Who?")));
    streams().maxTokens(4).build().chat(STORY, heard);
    heard.response();
    assertThat(answers).isNotEmpty().allMatch(second::equals);
  }

  @Test
  void nothingIsToldOnceItIsCancelled() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    Heard heard =
        new Heard(
            context -> {
              context.streamingHandle().cancel();
              assertThat(context.streamingHandle().isCancelled()).isTrue();
              cancelled.countDown();
            });
    streams().maxTokens(3_000).build().chat(STORY, heard);
    assertThat(cancelled.await(60, TimeUnit.SECONDS)).isTrue();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (generator.running() > 0 && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertThat(generator.running()).isZero();
    // Whatever was still to be told would be told by now.
    streams().build().chat("Who?", new Heard());
    Thread.sleep(50);
    assertThat(heard.pieces).hasSize(1);
    assertThat(heard.ends).isEmpty();
  }

  @Test
  void whatAHandlerThrowsEndsItsAnswer() throws Exception {
    RuntimeException thrown = new IllegalStateException("enough");
    Heard heard =
        new Heard(
            context -> {
              throw thrown;
            });
    streams().maxTokens(3_000).build().chat(STORY, heard);
    assertThat(heard.error()).isSameAs(thrown);
    assertThat(heard.pieces).hasSize(1);
    assertThat(heard.ends).hasSize(1);
  }

  @Test
  void saysWhereThereIsNoRoom() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (Generator one =
        demo.with(GeneratorOptions.DEFAULT.withMostRunning(1).withMostWaiting(0))) {
      Generating first =
          one.start(
              GenerationRequest.text(STORY).atMost(2),
              piece -> {
                running.countDown();
                await(goOn);
              });
      assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();
      KvpressChatModel model = KvpressChatModel.builder().generator(one).build();
      assertThatThrownBy(() -> model.chat("Who?"))
          .isInstanceOf(RateLimitException.class)
          .hasCauseInstanceOf(BusyException.class);
      goOn.countDown();
      first.join();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void listenersAreTold() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    ChatModelListener listener =
        new ChatModelListener() {
          @Override
          public void onRequest(ChatModelRequestContext context) {
            told.add("request " + context.chatRequest().maxOutputTokens());
          }

          @Override
          public void onResponse(ChatModelResponseContext context) {
            told.add("response " + context.chatResponse().tokenUsage().outputTokenCount());
          }

          @Override
          public void onError(ChatModelErrorContext context) {
            told.add("error " + context.error().getMessage());
          }
        };
    chats().maxTokens(2).listeners(List.of(listener)).build().chat("Who?");
    KvpressStreamingChatModel streaming =
        streams().maxTokens(2).listeners(List.of(listener)).build();
    Heard heard = new Heard();
    streaming.chat("Who?", heard);
    heard.response();
    Heard refused = new Heard();
    streaming.chat(request(ChatRequestParameters.builder().modelName("another").build()), refused);
    assertThat(refused.error()).hasMessageContaining("no model 'another' here, only 'demo'");
    assertThat(told)
        .containsExactly(
            "request 2",
            "response 2",
            "request 2",
            "response 2",
            "request 2",
            "error there is no model 'another' here, only 'demo'");
  }
}
