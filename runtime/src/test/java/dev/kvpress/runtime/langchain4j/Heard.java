package dev.kvpress.runtime.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A handler that keeps what it was told. */
final class Heard implements StreamingChatResponseHandler {
  final List<String> pieces = new CopyOnWriteArrayList<>();
  final List<Object> ends = new CopyOnWriteArrayList<>();
  private final Consumer<PartialResponseContext> onPiece;
  private final CompletableFuture<ChatResponse> response = new CompletableFuture<>();

  Heard() {
    this(context -> {});
  }

  /** Does something at each piece. */
  Heard(Consumer<PartialResponseContext> onPiece) {
    this.onPiece = onPiece;
  }

  @Override
  public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
    pieces.add(piece.text());
    onPiece.accept(context);
  }

  @Override
  public void onCompleteResponse(ChatResponse complete) {
    ends.add(complete);
    response.complete(complete);
  }

  @Override
  public void onError(Throwable error) {
    ends.add(error);
    response.completeExceptionally(error);
  }

  /** Waits for the end. */
  ChatResponse response() throws Exception {
    return response.get(60, TimeUnit.SECONDS);
  }

  /** Waits for an end by an error. */
  Throwable error() throws Exception {
    return response.handle((complete, error) -> error).get(60, TimeUnit.SECONDS);
  }
}
