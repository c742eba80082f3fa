package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.generate.PromptEncoder.Encoded;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.text.OpenContext;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatFrame;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.ArrayList;
import java.util.List;

/** How prompts are written behind a context. */
abstract class ContextWords {
  private final PromptEncoder encoder;
  private final ImmutableIntArray ids;

  private ContextWords(PromptEncoder encoder, ImmutableIntArray ids) {
    checkArgument(!ids.isEmpty(), "a context must have at least one token, found none");
    this.encoder = encoder;
    this.ids = ids;
  }

  /** Ids of the context. */
  final ImmutableIntArray ids() {
    return ids;
  }

  /** A prompt behind it. */
  final Encoded behind(Prompt prompt) {
    if (prompt instanceof Prompt.Text text) {
      return text(text.text());
    }
    if (prompt instanceof Prompt.Chat chat) {
      return chat(chat.messages());
    }
    return encoder.given((Prompt.Tokens) prompt);
  }

  /** How its tokens are spelled. */
  final Tokenizer tokenizer() {
    return encoder.tokenizer();
  }

  abstract Encoded text(String text);

  abstract Encoded chat(List<ChatMessage> messages);

  /** How questions follow, for a file. */
  abstract ContextNotes.Prompt notes();

  /** A text or tokens: what follows does so as it stands. */
  static ContextWords plain(PromptEncoder encoder, ImmutableIntArray ids) {
    return noted(encoder, ids, new ContextNotes.Prompt("", "", ""));
  }

  /** A context of which a file says what stands around questions. */
  static ContextWords noted(
      PromptEncoder encoder, ImmutableIntArray ids, ContextNotes.Prompt notes) {
    return new ContextWords(encoder, ids) {
      @Override
      Encoded text(String text) {
        checkArgument(
            notes.takesTexts(),
            "texts cannot stand behind this context, which is a conversation that another than the user has ended; load it with its messages");
        int[] asked =
            OpenContext.asked(
                encoder.tokenizer(), encoder.checked(text), notes.before(), notes.after());
        return new Encoded(ImmutableIntArray.copyOf(asked), !notes.after().isEmpty());
      }

      @Override
      Encoded chat(List<ChatMessage> messages) {
        throw new IllegalArgumentException(
            "further messages cannot stand behind this context, for which messages it holds is not known; give what follows as a text, compress the messages, or load the context with them");
      }

      @Override
      ContextNotes.Prompt notes() {
        return notes;
      }
    };
  }

  /** A conversation up to the end of its last message. */
  static ContextWords chat(PromptEncoder encoder, List<ChatMessage> begun) {
    ChatFrame frame = encoder.frame();
    String opened = frame.opened(begun);
    ChatMessage last = begun.get(begun.size() - 1);
    return new ContextWords(encoder, encoder.fragment(opened)) {
      @Override
      Encoded text(String text) {
        checkArgument(!text.isEmpty(), "what the user says next is empty; give a text");
        if (!last.role().equals("user")) {
          return chat(List.of(ChatMessage.user(text)));
        }
        List<ChatMessage> all = new ArrayList<>(begun.subList(0, begun.size() - 1));
        all.add(ChatMessage.user(last.content() + text));
        return encoded(all);
      }

      @Override
      Encoded chat(List<ChatMessage> messages) {
        List<ChatMessage> all = new ArrayList<>(begun);
        all.addAll(messages);
        return encoded(all);
      }

      private Encoded encoded(List<ChatMessage> all) {
        return new Encoded(encoder.fragment(frame.behind(opened, all)), true);
      }

      @Override
      ContextNotes.Prompt notes() {
        String template = frame.describe();
        return last.role().equals("user")
            ? new ContextNotes.Prompt(template, "", frame.aroundEnd(begun).behind())
            : ContextNotes.Prompt.ofMessages(template);
      }
    };
  }
}
