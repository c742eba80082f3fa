package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a text goes on with: a text or a conversation. */
final class PromptOptions {
  @Option(names = "--prompt", paramLabel = "TEXT", description = "What to continue.")
  @Nullable String prompt;

  @Option(
      names = "--messages",
      paramLabel = "FILE",
      description =
          "A conversation to answer instead, as a JSON list of {\"role\": …, \"content\": …}, in the model's chat template.")
  @Nullable String messages;

  @Option(
      names = "--chat-template",
      paramLabel = "NAME",
      description =
          "Chat template in which the prompt is what the user says: auto (the model's own, if it has one), none, the name of one of the model's, or a file (default: ${DEFAULT-VALUE}).")
  String chatTemplate = TemplateChoice.AUTO;

  private Optional<List<ChatMessage>> conversation = Optional.empty();

  /** Notes what is wrong, and reads the conversation. */
  void check(Problems problems) {
    if (messages == null) {
      if (prompt == null) {
        problems.add("--prompt: expected a text, found nothing");
      }
      return;
    }
    if (prompt != null) {
      problems.add("give --prompt or --messages, not both");
    }
    if (chatTemplate.equals(TemplateChoice.NO) || chatTemplate.equals(TemplateChoice.TEXT)) {
      problems.add(
          "--messages: expected a chat template, found --chat-template %s; name one, or give --prompt"
              .formatted(chatTemplate));
    }
    conversation =
        new Values(problems)
            .existing("--messages", messages, "a JSON file of messages")
            .flatMap((Path file) -> problems.attempt(() -> MessagesFile.read(file)));
  }

  /**
   * The prompt, once nothing is wrong.
   *
   * @param chats whether there is a template in which the user's text is written
   */
  Prompt prompt(boolean chats) {
    if (conversation.isPresent()) {
      return new Prompt.Chat(conversation.get());
    }
    String text = String.valueOf(prompt);
    return chats ? new Prompt.Chat(List.of(ChatMessage.user(text))) : new Prompt.Text(text);
  }
}
