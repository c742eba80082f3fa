package dev.kvpress.runtime.langchain4j;

import dev.kvpress.runtime.generate.Generation;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A LangChain4j chat model that tells its answer as it comes. Handlers are called in order, one
 * call at a time, on threads that no generation waits for; they may take their time, or ask again.
 *
 * <p>Whatever goes wrong, also a request that cannot be, is told by {@code onError}. What a handler
 * throws ends its generation and is told there too. After {@link StreamingHandle#cancel()} the
 * generation ends within a step, and nothing more is told.
 */
public final class KvpressStreamingChatModel implements StreamingChatModel {
  private final ChatRequests requests;
  private final List<ChatModelListener> listeners;
  private final Executor executor;

  private KvpressStreamingChatModel(Builder builder) {
    requests = builder.requests();
    listeners = builder.listeners();
    executor = builder.executor;
  }

  /** Begins one. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void chat(
      ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
    try {
      ChatRequests.requireKnown(request.parameters());
    } catch (RuntimeException e) {
      handler.onError(e);
      return;
    }
    StreamingChatModel.super.chat(request, options, handler);
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    ModelSettings settings = requests.settings();
    new Delivery(executor, new Chat(handler, settings.modelName()))
        .begin(listener -> settings.generator().start(requests.of(request), listener));
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return requests.defaults();
  }

  @Override
  public List<ChatModelListener> listeners() {
    return listeners;
  }

  /** Tells a handler. */
  private record Chat(StreamingChatResponseHandler handler, String modelName)
      implements Delivery.Receiver {
    @Override
    public void text(String text, StreamingHandle handle) {
      handler.onPartialResponse(new PartialResponse(text), new PartialResponseContext(handle));
    }

    @Override
    public void end(Generation generation) {
      handler.onCompleteResponse(Outcomes.chat(generation, modelName));
    }

    @Override
    public void error(Throwable reason) {
      handler.onError(reason);
    }
  }

  /** Builds chat models that stream. */
  public static final class Builder extends KvpressChatModelBuilder<Builder> {
    private Executor executor = Delivery.THREADS;

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /** On whose threads handlers are called; otherwise threads of our own, as many as it takes. */
    public Builder executor(Executor value) {
      executor = value;
      return this;
    }

    /** The model. */
    public KvpressStreamingChatModel build() {
      return new KvpressStreamingChatModel(this);
    }
  }
}
