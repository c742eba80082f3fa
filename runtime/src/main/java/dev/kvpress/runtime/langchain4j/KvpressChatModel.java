package dev.kvpress.runtime.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;

/**
 * A LangChain4j chat model over a generator. Messages are written in the model's chat template;
 * models without one are refused when they are asked. Safe for any thread; an interrupted one gives
 * its generation up.
 *
 * <p>A generation that ends by its timeout, or since the generator closes, gives the text so far
 * and LangChain4j's finish reason {@code OTHER}.
 */
public final class KvpressChatModel implements ChatModel {
  private final ChatRequests requests;
  private final List<ChatModelListener> listeners;

  private KvpressChatModel(Builder builder) {
    requests = builder.requests();
    listeners = builder.listeners();
  }

  /** Begins one. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Answers.
   *
   * @throws dev.langchain4j.exception.UnsupportedFeatureException naming what cannot be done
   * @throws dev.langchain4j.exception.InvalidRequestException if a value is out of range, or the
   *     prompt too long
   * @throws dev.langchain4j.exception.RateLimitException if too many requests wait
   */
  @Override
  public ChatResponse chat(ChatRequest request, ChatRequestOptions options) {
    ChatRequests.requireKnown(request.parameters());
    return ChatModel.super.chat(request, options);
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    ModelSettings settings = requests.settings();
    try {
      return Outcomes.chat(
          settings.generator().generate(requests.of(request)), settings.modelName());
    } catch (RuntimeException e) {
      throw Outcomes.fault(e);
    }
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return requests.defaults();
  }

  @Override
  public List<ChatModelListener> listeners() {
    return listeners;
  }

  /** Builds chat models. */
  public static final class Builder extends KvpressChatModelBuilder<Builder> {
    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /** The model. */
    public KvpressChatModel build() {
      return new KvpressChatModel(this);
    }
  }
}
