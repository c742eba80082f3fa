package dev.kvpress.runtime.langchain4j;

import com.google.common.collect.ImmutableList;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What models that take messages are made of beside the rest.
 *
 * @param <B> the builder itself
 */
public abstract class KvpressChatModelBuilder<B extends KvpressChatModelBuilder<B>>
    extends KvpressModelBuilder<B> {
  private List<ChatModelListener> listeners = List.of();
  private @Nullable ChatRequestParameters parameters;

  KvpressChatModelBuilder() {}

  /** Who is told of requests, responses and errors. */
  public B listeners(List<ChatModelListener> value) {
    listeners = ImmutableList.copyOf(value);
    return self();
  }

  /** What a request asks for where it says nothing; goes before what else was said here. */
  public B defaultRequestParameters(ChatRequestParameters value) {
    parameters = value;
    return self();
  }

  ChatRequests requests() {
    return ChatRequests.of(settings(), parameters);
  }

  List<ChatModelListener> listeners() {
    return listeners;
  }
}
