package dev.kvpress.runtime.langchain4j;

import dev.kvpress.runtime.generate.BusyException;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.Usage;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;

/** Says in LangChain4j's words what came out. */
final class Outcomes {
  private Outcomes() {}

  static ChatResponse chat(Generation generation, String modelName) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from(generation.text()))
        .metadata(KvpressResponseMetadata.of(generation, modelName))
        .build();
  }

  static Response<String> text(Generation generation) {
    return Response.from(generation.text(), tokens(generation.usage()), reason(generation));
  }

  /** Tokens of a shared context stand before the prompt and count with it. */
  static TokenUsage tokens(Usage usage) {
    return new TokenUsage(
        Math.addExact(usage.contextTokens(), usage.promptTokens()), usage.generatedTokens());
  }

  static FinishReason reason(Generation generation) {
    return switch (generation.reason()) {
      case END_TOKEN, STOP -> FinishReason.STOP;
      case MAX_TOKENS, MAX_POSITIONS -> FinishReason.LENGTH;
      case TIME_LIMIT, CANCELLED -> FinishReason.OTHER;
    };
  }

  /** What LangChain4j's users expect where the request is at fault, or there is no room. */
  static RuntimeException fault(RuntimeException e) {
    if (e instanceof LangChain4jException) {
      return e;
    }
    if (e instanceof BusyException) {
      return new RateLimitException(e.getMessage(), e);
    }
    return e instanceof IllegalArgumentException
        ? new InvalidRequestException(e.getMessage(), e)
        : e;
  }
}
