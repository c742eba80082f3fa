package dev.kvpress.compare.serve.ask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.FieldRules;
import dev.kvpress.compare.serve.wire.Fields;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads messages of a conversation. */
final class MessageReader {
  // A developer's messages are what a system's were called before.
  private static final Map<String, String> ROLES =
      Map.of(
          "system", "system",
          "developer", "system",
          "user", "user",
          "assistant", "assistant");

  private static final String NO_TOOLS = "the model calls no tools; leave it out";

  private static final FieldRules RULES =
      FieldRules.serving("role", "content")
          .passes("annotations", "what an answer was marked with when it was given")
          .refuses("type", node -> node.asText().equals("text"), "messages are text; leave it out")
          .refuses("name", "chat templates have no place for names; say it in the content")
          .refuses("tool_calls", SharedRules::isEmpty, NO_TOOLS)
          .refuses("tool_call_id", NO_TOOLS)
          .refuses("function_call", NO_TOOLS)
          .refuses("audio", "messages are text; leave it out")
          .refuses("refusal", "chat templates have no place for it; put it into the content")
          .build();

  private static final FieldRules PART_RULES =
      FieldRules.serving("type", "text")
          .passes("annotations", "what an answer was marked with when it was given")
          .build();

  private MessageReader() {}

  static List<ChatMessage> all(Fields fields) {
    JsonNode list =
        fields.any("messages").orElseThrow(() -> fields.missing("messages", "a list of messages"));
    if (!list.isArray() || list.isEmpty()) {
      throw fields.wrong("messages", "a list of at least one message", list);
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String name = "messages[%d]".formatted(i);
      if (!(list.get(i) instanceof ObjectNode message)) {
        throw fields.wrong(name, "an object with role and content", list.get(i));
      }
      messages.add(one(new Fields(message, name)));
    }
    return messages;
  }

  private static ChatMessage one(Fields message) {
    JsonNode role = message.any("role").orElseThrow(() -> message.missing("role", "who speaks"));
    String known = ROLES.get(role.asText());
    if (known == null || !role.isTextual()) {
      throw message.wrong(
          "role",
          "one of %s (tools are not served)"
              .formatted(ROLES.keySet().stream().sorted().collect(Collectors.joining(", "))),
          role);
    }
    RULES.check(message);
    JsonNode content =
        message
            .any("content")
            .orElseThrow(() -> message.missing("content", "a text or a list of text parts"));
    return new ChatMessage(known, content(message, content));
  }

  /** A text, or parts of one, each in a line of its own. */
  private static String content(Fields message, JsonNode content) {
    if (!content.isArray()) {
      return message.text("content", content, Integer.MAX_VALUE);
    }
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < content.size(); i++) {
      String name = "content[%d]".formatted(i);
      if (!(content.get(i) instanceof ObjectNode object)) {
        throw message.wrong(name, "an object with type and text", content.get(i));
      }
      Fields part = new Fields(object, message.named(name));
      String type = part.any("type").map(JsonNode::asText).orElse("nothing");
      if (!type.equals("text")) {
        throw ApiException.unsupported(
            part.named("type"),
            "%s: expected text, found %s; the model reads no images, sounds or files"
                .formatted(part.named("type"), JsonText.shortened(type)));
      }
      PART_RULES.check(part);
      parts.add(
          part.text("text", Integer.MAX_VALUE).orElseThrow(() -> part.missing("text", "a string")));
    }
    return String.join("\n", parts);
  }
}
