package dev.kvpress.runtime.langchain4j;

import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Limits;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.SamplingOptions;
import dev.kvpress.runtime.generate.StopRules;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes requests of ours out of LangChain4j's.
 *
 * @param settings what the model was built with
 * @param defaults what a request asks for where it says nothing
 */
record ChatRequests(ModelSettings settings, ChatRequestParameters defaults) {

  /** What a model was built with, overridden by further parameters. */
  static ChatRequests of(ModelSettings settings, @Nullable ChatRequestParameters further) {
    SamplingOptions sampling = settings.sampling();
    ChatRequestParameters built =
        ChatRequestParameters.builder()
            .modelName(settings.modelName())
            .temperature(sampling.temperature())
            .topP(sampling.topP())
            .topK(sampling.topK())
            .presencePenalty(sampling.presencePenalty())
            .frequencyPenalty(sampling.frequencyPenalty())
            .maxOutputTokens(settings.limits().maxTokens())
            .stopSequences(settings.stops().strings())
            .build();
    if (further == null) {
      return new ChatRequests(settings, built);
    }
    requireKnown(further);
    ChatRequestParameters all = built.overrideWith(further);
    requireSupported(settings, all);
    return new ChatRequests(settings, all);
  }

  /**
   * Refuses parameters of another provider: what they hold beyond LangChain4j's common ones would
   * be lost when they are joined with the model's own.
   */
  static void requireKnown(ChatRequestParameters parameters) {
    if (parameters.getClass() != DefaultChatRequestParameters.class) {
      throw Messages.unsupported(
          "request parameters of type %s; give those of ChatRequestParameters.builder()"
              .formatted(parameters.getClass().getSimpleName()));
    }
  }

  private static void requireSupported(ModelSettings settings, ChatRequestParameters asked) {
    if (!asked.toolSpecifications().isEmpty()) {
      throw Messages.unsupported("tools (%s)".formatted(asked.toolSpecifications().get(0).name()));
    }
    if (asked.toolChoice() != null && asked.toolChoice() != ToolChoice.NONE) {
      throw Messages.unsupported("toolChoice (" + asked.toolChoice() + ")");
    }
    if (asked.responseFormat() != null
        && asked.responseFormat().type() != ResponseFormatType.TEXT) {
      throw Messages.unsupported(
          "responseFormat of type %s; ask for the form in the prompt"
              .formatted(asked.responseFormat().type()));
    }
    if (asked.modelName() != null && !asked.modelName().equals(settings.modelName())) {
      throw new ModelNotFoundException(
          "there is no model '%s' here, only '%s'"
              .formatted(asked.modelName(), settings.modelName()));
    }
  }

  /**
   * One request of ours.
   *
   * @throws dev.langchain4j.exception.UnsupportedFeatureException naming what cannot be done
   * @throws InvalidRequestException if a value is out of range
   */
  GenerationRequest of(ChatRequest request) {
    ChatRequestParameters asked = request.parameters();
    requireSupported(settings, asked);
    try {
      return settings
          .request(new Prompt.Chat(Messages.of(request.messages())))
          .sampling(sampling(asked))
          .stoppingAt(
              asked.stopSequences() == null
                  ? settings.stops()
                  : new StopRules(asked.stopSequences(), Set.of(), false))
          .within(
              new Limits(
                  or(asked.maxOutputTokens(), settings.limits().maxTokens()),
                  settings.limits().time()));
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(e.getMessage(), e);
    }
  }

  private SamplingOptions sampling(ChatRequestParameters asked) {
    SamplingOptions built = settings.sampling();
    return built
        .withTemperature(or(asked.temperature(), built.temperature()))
        .withTopP(or(asked.topP(), built.topP()))
        .withTopK(or(asked.topK(), built.topK()))
        .withPresencePenalty(or(asked.presencePenalty(), built.presencePenalty()))
        .withFrequencyPenalty(or(asked.frequencyPenalty(), built.frequencyPenalty()));
  }

  private static <T> T or(@Nullable T asked, T otherwise) {
    return asked == null ? otherwise : asked;
  }
}
