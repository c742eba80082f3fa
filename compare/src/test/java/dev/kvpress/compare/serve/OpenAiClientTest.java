package dev.kvpress.compare.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.serve.ServedDemo.Settings;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of OpenAI's interface that others have written. */
class OpenAiClientTest {
  @TempDir static Path folder;
  private static ServedDemo demo;

  @BeforeAll
  static void start() {
    demo = new ServedDemo(folder, Settings.USUAL);
  }

  @AfterAll
  static void stop() {
    demo.close();
  }

  private static String expected() {
    return demo.generator.generate(GenerationRequest.chat("Who sang?").atMost(12)).text();
  }

  @Test
  void aChatComesWhole() {
    OpenAiChatModel model =
        OpenAiChatModel.builder()
            .baseUrl(demo.uri("/v1").toString())
            .apiKey("none")
            .modelName("demo")
            .temperature(0.0)
            .maxTokens(12)
            .timeout(Duration.ofSeconds(20))
            .build();
    assertThat(model.chat("Who sang?")).isEqualTo(expected());
  }

  @Test
  void aChatComesInPieces() throws Exception {
    OpenAiStreamingChatModel model =
        OpenAiStreamingChatModel.builder()
            .baseUrl(demo.uri("/v1").toString())
            .apiKey("none")
            .modelName("demo")
            .temperature(0.0)
            .maxCompletionTokens(12)
            .build();
    CompletableFuture<ChatResponse> end = new CompletableFuture<>();
    StringBuilder pieces = new StringBuilder();
    model.chat(
        "Who sang?",
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String piece) {
            pieces.append(piece);
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            end.complete(response);
          }

          @Override
          public void onError(Throwable error) {
            end.completeExceptionally(error);
          }
        });
    ChatResponse response = end.get(20, TimeUnit.SECONDS);
    assertThat(pieces.toString()).isEqualTo(expected());
    assertThat(response.aiMessage().text()).isEqualTo(expected());
    assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(12);
  }

  @Test
  void errorsAreUnderstood() {
    OpenAiChatModel model =
        OpenAiChatModel.builder()
            .baseUrl(demo.uri("/v1").toString())
            .apiKey("none")
            .modelName("gpt-4")
            .maxRetries(0)
            .build();
    assertThatThrownBy(() -> model.chat("Who sang?"))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining("demo");
  }
}
