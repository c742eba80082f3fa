package dev.kvpress.runtime.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kvpress.runtime.export.TestProvider;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What cannot be done is said by name, thrown or told to the handler. */
@Tag(TestProvider.TAG)
class RefusalsTest {
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

  private static ChatRequest parameters(ChatRequestParameters parameters) {
    return ChatRequest.builder().messages(UserMessage.from("Who?")).parameters(parameters).build();
  }

  private static ChatRequest messages(ChatMessage... messages) {
    return ChatRequest.builder().messages(messages).build();
  }

  /** Parameters as of another provider, with more than the common ones. */
  private static final class OtherParameters extends DefaultChatRequestParameters {
    OtherParameters() {
      super(DefaultChatRequestParameters.builder());
    }
  }

  static Object[][] refused() {
    ToolExecutionRequest call = ToolExecutionRequest.builder().id("1").name("clock").build();
    return new Object[][] {
      {
        parameters(
            ChatRequestParameters.builder()
                .toolSpecifications(ToolSpecification.builder().name("clock").build())
                .build()),
        UnsupportedFeatureException.class,
        "tools (clock)"
      },
      {
        parameters(ChatRequestParameters.builder().toolChoice(ToolChoice.REQUIRED).build()),
        UnsupportedFeatureException.class,
        "toolChoice (REQUIRED)"
      },
      {
        parameters(ChatRequestParameters.builder().responseFormat(ResponseFormat.JSON).build()),
        UnsupportedFeatureException.class,
        "responseFormat of type JSON"
      },
      {
        parameters(new OtherParameters()),
        UnsupportedFeatureException.class,
        "request parameters of type OtherParameters"
      },
      {
        parameters(ChatRequestParameters.builder().modelName("gpt").build()),
        ModelNotFoundException.class,
        "there is no model 'gpt' here, only 'demo'"
      },
      {
        parameters(ChatRequestParameters.builder().temperature(-1.0).build()),
        InvalidRequestException.class,
        "temperature must be 0 or more"
      },
      {
        parameters(ChatRequestParameters.builder().stopSequences("").build()),
        InvalidRequestException.class,
        "a stop string is empty"
      },
      {
        messages(
            UserMessage.from(
                TextContent.from("What is this?"), ImageContent.from("http://localhost/a.png"))),
        UnsupportedFeatureException.class,
        "content of type IMAGE"
      },
      {
        messages(UserMessage.from("mira", "Who?")),
        UnsupportedFeatureException.class,
        "the name of a user (\"mira\")"
      },
      {
        messages(UserMessage.from("Who?"), AiMessage.from(call)),
        UnsupportedFeatureException.class,
        "tool execution requests"
      },
      {
        messages(UserMessage.from("Who?"), ToolExecutionResultMessage.from(call, "noon")),
        UnsupportedFeatureException.class,
        "messages of type TOOL_EXECUTION_RESULT"
      },
      {
        messages(UserMessage.from("star ".repeat(5_000))),
        InvalidRequestException.class,
        "positions"
      },
    };
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesByName(ChatRequest request, Class<?> kind, String message) throws Exception {
    KvpressChatModel model = KvpressChatModel.builder().generator(demo.generator()).build();
    assertThat(catchThrowable(() -> model.chat(request)))
        .isExactlyInstanceOf(kind)
        .hasMessageContaining(message);
    Heard heard = new Heard();
    KvpressStreamingChatModel.builder().generator(demo.generator()).build().chat(request, heard);
    assertThat(heard.error()).isExactlyInstanceOf(kind).hasMessageContaining(message);
    assertThat(heard.pieces).isEmpty();
    assertThat(heard.ends).hasSize(1);
  }

  @Test
  void whatABuilderIsGivenIsCheckedThere() {
    assertThat(catchThrowable(() -> KvpressChatModel.builder().build()))
        .hasMessageContaining("generator is null; give .generator(…)");
    KvpressChatModel.Builder builder = KvpressChatModel.builder().generator(demo.generator());
    assertThat(catchThrowable(() -> builder.topP(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("top_p must be in (0, 1], found 2.0");
    assertThat(catchThrowable(() -> builder.press("h3o", 0.5))).hasMessageContaining("h2o");
    ChatRequestParameters tools =
        ChatRequestParameters.builder()
            .toolSpecifications(List.of(ToolSpecification.builder().name("clock").build()))
            .build();
    assertThat(catchThrowable(() -> builder.defaultRequestParameters(tools).build()))
        .isInstanceOf(UnsupportedFeatureException.class);
  }
}
