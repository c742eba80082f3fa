package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.TextPiece;
import java.util.Optional;

/** Answers of {@code /v1/chat/completions}. */
final class ChatShape implements AnswerShape {
  /** The field that says what is answered. */
  static final String MESSAGES = "messages";

  private static final String ASSISTANT = "assistant";

  private final Envelope envelope;
  private final boolean logprobs;

  ChatShape(String model, boolean logprobs) {
    this.envelope = Envelope.of("chatcmpl-", model);
    this.logprobs = logprobs;
  }

  @Override
  public String promptField() {
    return MESSAGES;
  }

  @Override
  public ObjectNode envelope(boolean piece) {
    return envelope.json(piece ? "chat.completion.chunk" : "chat.completion");
  }

  @Override
  public Optional<ObjectNode> opening(int choice) {
    ObjectNode opening = delta(choice);
    ((ObjectNode) opening.get("delta")).put("role", ASSISTANT).put("content", "");
    return Optional.of(opening);
  }

  @Override
  public ObjectNode piece(int choice, TextPiece piece) {
    ObjectNode node = delta(choice);
    ((ObjectNode) node.get("delta")).put("content", piece.text());
    if (logprobs && !piece.tokens().isEmpty()) {
      node.set("logprobs", Logprobs.chat(piece.tokens()));
    }
    return node;
  }

  @Override
  public boolean tellsTokens() {
    return logprobs;
  }

  @Override
  public ObjectNode ending(int choice, Generation generation) {
    return delta(choice).put("finish_reason", Finish.word(generation.reason()));
  }

  @Override
  public ObjectNode whole(int choice, Generation generation) {
    ObjectNode node = JsonText.object();
    node.put("index", choice);
    ObjectNode message = node.putObject("message");
    message.put("role", ASSISTANT);
    message.put("content", generation.text());
    message.putNull("refusal");
    if (logprobs) {
      node.set("logprobs", Logprobs.chat(generation.tokens()));
    } else {
      node.putNull("logprobs");
    }
    return node.put("finish_reason", Finish.word(generation.reason()));
  }

  private static ObjectNode delta(int choice) {
    ObjectNode node = JsonText.object();
    node.put("index", choice);
    node.putObject("delta");
    node.putNull("logprobs");
    node.putNull("finish_reason");
    return node;
  }
}
