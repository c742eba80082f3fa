package dev.kvpress.runtime.langchain4j;

import dev.kvpress.runtime.text.chat.ChatMessage;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.List;
import java.util.stream.Collectors;

/** Makes turns of a chat template out of LangChain4j's messages. */
final class Messages {
  private Messages() {}

  static List<ChatMessage> of(List<dev.langchain4j.data.message.ChatMessage> messages) {
    return messages.stream().map(Messages::of).toList();
  }

  /**
   * One turn. What only describes a message (its attributes, what a model thought before it
   * answered) is not told to the model, as by LangChain4j's other models.
   *
   * @throws UnsupportedFeatureException naming what cannot be told
   */
  private static ChatMessage of(dev.langchain4j.data.message.ChatMessage message) {
    if (message instanceof SystemMessage system) {
      return new ChatMessage("system", system.text());
    }
    if (message instanceof UserMessage user) {
      return ChatMessage.user(text(user));
    }
    if (message instanceof AiMessage answer) {
      return ChatMessage.assistant(text(answer));
    }
    throw unsupported("messages of type " + message.type());
  }

  /** Several texts stand in lines of their own. */
  private static String text(UserMessage message) {
    if (message.name() != null) {
      throw unsupported(
          "the name of a user (\"%s\"), which chat templates have no place for; leave it out or put it into the text"
              .formatted(message.name()));
    }
    return message.contents().stream().map(Messages::text).collect(Collectors.joining("\n"));
  }

  private static String text(Content content) {
    if (content instanceof TextContent text) {
      return text.text();
    }
    throw unsupported("content of type " + content.type() + " in a message; give text alone");
  }

  private static String text(AiMessage message) {
    if (message.hasToolExecutionRequests()) {
      throw unsupported("tool execution requests in a message of the model");
    }
    if (!message.images().isEmpty()) {
      throw unsupported("images in a message of the model");
    }
    return message.text() == null ? "" : message.text();
  }

  static UnsupportedFeatureException unsupported(String what) {
    return new UnsupportedFeatureException("not supported by kvpress: " + what);
  }
}
