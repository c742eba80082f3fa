package dev.kvpress.runtime.text.chat;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.jinja.JinjaException;
import dev.kvpress.runtime.text.jinja.JinjaTemplate;
import dev.kvpress.runtime.text.jinja.None;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chat template: what a model saw around the messages of a conversation in training. Rendered as
 * transformers' {@code apply_chat_template} does. What is not supported is an error that names it
 * and no empty text: a prompt with a hole in it gives a figure all the same. Safe for many threads.
 */
public final class ChatTemplate {
  private final String name;
  private final String hash;
  private final JinjaTemplate template;
  private final Map<String, String> specialTokens;

  private ChatTemplate(
      String name, String hash, JinjaTemplate template, Map<String, String> specialTokens) {
    this.name = name;
    this.hash = hash;
    this.template = template;
    this.specialTokens = ImmutableMap.copyOf(specialTokens);
  }

  /**
   * Reads a template.
   *
   * @param name where it comes from, for messages and results
   * @param source its text, Jinja
   * @param specialTokens what it may write by name, such as {@code bos_token}; one that is not
   *     there writes nothing
   * @throws ModelException if it is broken or uses what is not supported
   */
  public static ChatTemplate of(String name, String source, Map<String, String> specialTokens) {
    try {
      String hash = Hashing.sha256().hashString(source, StandardCharsets.UTF_8).toString();
      return new ChatTemplate(name, hash, JinjaTemplate.parse(source), specialTokens);
    } catch (JinjaException e) {
      throw refused(name, e);
    }
  }

  /**
   * The text of a conversation.
   *
   * @param messages at least one
   * @param answerBegins whether the text ends where the model's answer begins
   * @param switches what the template may ask for beyond that, such as {@code enable_thinking}
   * @throws ModelException with the template's own words where it refuses the conversation
   */
  public String render(
      List<ChatMessage> messages, boolean answerBegins, Map<String, Boolean> switches) {
    Map<String, Object> variables = new HashMap<>(specialTokens);
    variables.putAll(switches);
    variables.put("messages", messages.stream().map(ChatTemplate::turn).toList());
    variables.put("add_generation_prompt", answerBegins);
    variables.put("tools", None.NONE);
    variables.put("documents", None.NONE);
    try {
      return template.render(variables);
    } catch (JinjaException e) {
      throw refused(name, e);
    }
  }

  private static ModelException refused(String name, JinjaException e) {
    String what =
        e.isRaisedByTemplate()
            ? "the template refuses the conversation: "
            : "the template cannot be rendered: ";
    return new ModelException(
        name + ": " + what + e.getMessage() + "; give another with --chat-template, or none", e);
  }

  private static Map<String, Object> turn(ChatMessage message) {
    Map<String, Object> turn = new LinkedHashMap<>();
    turn.put("role", message.role());
    turn.put("content", message.content());
    return turn;
  }

  /** Where it comes from and what it says, for the provenance of a result. */
  public String describe() {
    return "%s (sha256 %.12s)".formatted(name, hash);
  }
}
