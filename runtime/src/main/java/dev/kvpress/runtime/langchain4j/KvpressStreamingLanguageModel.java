package dev.kvpress.runtime.langchain4j;

import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.Prompt;
import dev.langchain4j.model.StreamingResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.language.StreamingLanguageModel;
import java.util.concurrent.Executor;

/**
 * A LangChain4j language model that tells its text as it comes. Handlers are called as by {@link
 * KvpressStreamingChatModel}.
 */
public final class KvpressStreamingLanguageModel implements StreamingLanguageModel {
  private final ModelSettings settings;
  private final Executor executor;

  private KvpressStreamingLanguageModel(Builder builder) {
    settings = builder.settings();
    executor = builder.executor;
  }

  /** Begins one. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void generate(String prompt, StreamingResponseHandler<String> handler) {
    new Delivery(executor, new Text(handler))
        .begin(
            listener ->
                settings.generator().start(settings.request(new Prompt.Text(prompt)), listener));
  }

  /** Tells a handler. */
  private record Text(StreamingResponseHandler<String> handler) implements Delivery.Receiver {
    @Override
    public void text(String text, StreamingHandle handle) {
      handler.onNext(text);
    }

    @Override
    public void end(Generation generation) {
      handler.onComplete(Outcomes.text(generation));
    }

    @Override
    public void error(Throwable reason) {
      handler.onError(reason);
    }
  }

  /** Builds language models that stream. */
  public static final class Builder extends KvpressModelBuilder<Builder> {
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
    public KvpressStreamingLanguageModel build() {
      return new KvpressStreamingLanguageModel(this);
    }
  }
}
