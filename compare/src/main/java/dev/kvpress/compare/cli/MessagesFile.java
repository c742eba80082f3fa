package dev.kvpress.compare.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Reads a conversation: a JSON list of objects with {@code role} and {@code content}, both text.
 */
final class MessagesFile {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** What templates know beside tools; a role that one does not know it may write as any other. */
  private static final List<String> ROLES = List.of("assistant", "system", "user");

  private MessagesFile() {}

  /**
   * Reads a file.
   *
   * @throws DataException naming the file and what in it is wrong
   */
  static List<ChatMessage> read(Path file) {
    JsonNode list = parse(file);
    if (!list.isArray() || list.isEmpty()) {
      throw wrong(file, "expected a JSON list of messages", list);
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode one : list) {
      messages.add(message(file, one, messages.size() + 1));
    }
    return messages;
  }

  private static ChatMessage message(Path file, JsonNode one, int number) {
    String where = "message " + number + ": ";
    if (!one.isObject()) {
      throw wrong(file, where + "expected an object with role and content", one);
    }
    for (Iterator<String> names = one.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!name.equals("role") && !name.equals("content")) {
        throw new DataException(
            "--messages: %s: %sexpected role and content alone, found the field \"%s\""
                .formatted(file, where, name));
      }
    }
    String role = text(file, where, one, "role");
    if (!ROLES.contains(role)) {
      throw wrong(
          file,
          where + "role: expected one of %s (tools are not served)".formatted(ROLES),
          one.get("role"));
    }
    return new ChatMessage(role, text(file, where, one, "content"));
  }

  private static String text(Path file, String where, JsonNode one, String field) {
    JsonNode value = one.path(field);
    if (!value.isTextual()) {
      throw wrong(file, where + field + ": expected a text", value);
    }
    return value.textValue();
  }

  private static JsonNode parse(Path file) {
    try {
      FileFaults.requireContent(file);
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new DataException(
          "--messages: %s: is no JSON: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new DataException("--messages: %s: %s".formatted(file, FileFaults.reason(e)), e);
    }
  }

  private static DataException wrong(Path file, String expected, JsonNode found) {
    String text = found.isMissingNode() ? "nothing" : found.toString();
    return new DataException(
        "--messages: %s: %s, found %s"
            .formatted(file, expected, text.length() > 60 ? text.substring(0, 60) + "…" : text));
  }
}
