package dev.kvpress.runtime.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.text.chat.ChatMessage;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.TokenStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our models under LangChain4j's services, with memory, as its users write them. */
@Tag(TestProvider.TAG)
class AiServiceTest {
  private static final int TOKENS = 16;

  @TempDir static Path cache;
  private static DemoGenerator demo;

  @BeforeAll
  static void open() {
    demo = new DemoGenerator(cache);
  }

  @AfterAll
  static void close() {
    demo.close();
  }

  /** A service. */
  interface Teller {
    @SystemMessage("You tell stories of the village.")
    String tell(String about);
  }

  /** The same, streamed. */
  interface StreamingTeller {
    @SystemMessage("You tell stories of the village.")
    TokenStream tell(String about);
  }

  /** What the generator gives for the whole conversation at once. */
  private static String own(List<ChatMessage> messages) {
    return demo.generator().generate(GenerationRequest.chat(messages).atMost(TOKENS)).text();
  }

  private static List<ChatMessage> conversation() {
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(new ChatMessage("system", "You tell stories of the village."));
    messages.add(ChatMessage.user("Tell me of Timo."));
    messages.add(ChatMessage.assistant(own(messages)));
    messages.add(ChatMessage.user("And of Mira?"));
    return messages;
  }

  @Test
  void remembersWhatWasSaid() {
    Teller teller =
        AiServices.builder(Teller.class)
            .chatModel(
                KvpressChatModel.builder().generator(demo.generator()).maxTokens(TOKENS).build())
            .chatMemory(MessageWindowChatMemory.withMaxMessages(10))
            .build();
    List<ChatMessage> messages = conversation();
    assertThat(teller.tell("Tell me of Timo.")).isEqualTo(messages.get(2).content());
    assertThat(teller.tell("And of Mira?")).isEqualTo(own(messages));
  }

  @Test
  void streamsAndRemembers() throws Exception {
    StreamingTeller teller =
        AiServices.builder(StreamingTeller.class)
            .streamingChatModel(
                KvpressStreamingChatModel.builder()
                    .generator(demo.generator())
                    .maxTokens(TOKENS)
                    .build())
            .chatMemory(MessageWindowChatMemory.withMaxMessages(10))
            .build();
    List<ChatMessage> messages = conversation();
    assertThat(streamed(teller.tell("Tell me of Timo."))).isEqualTo(messages.get(2).content());
    assertThat(streamed(teller.tell("And of Mira?"))).isEqualTo(own(messages));
  }

  private static String streamed(TokenStream stream) throws Exception {
    StringBuffer joined = new StringBuffer();
    CompletableFuture<ChatResponse> response = new CompletableFuture<>();
    stream
        .onPartialResponse(joined::append)
        .onCompleteResponse(response::complete)
        .onError(response::completeExceptionally)
        .start();
    String whole = response.get(60, TimeUnit.SECONDS).aiMessage().text();
    assertThat(joined).hasToString(whole);
    return whole;
  }
}
