package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.FittedTokenizer;
import dev.kvpress.runtime.text.PromptFrame;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatFrame;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.List;
import java.util.Map;

/** Turns prompts into the tokens of one model. */
final class PromptEncoder {
  private final DecoderModel model;
  private final ModelWords words;
  private final Tokenizer fitted;

  PromptEncoder(DecoderModel model, ModelWords words) {
    this.model = model;
    this.words = words;
    this.fitted = FittedTokenizer.of(words.tokenizer(), model.info().vocabulary());
  }

  /**
   * A prompt in tokens.
   *
   * @param fresh whether the text behind it begins of its own, as an answer does
   */
  record Encoded(ImmutableIntArray ids, boolean fresh) {
    Encoded {
      checkArgument(!ids.isEmpty(), "a prompt must have at least one token, found none");
    }
  }

  /** A prompt that stands behind nothing. */
  Encoded of(Prompt prompt) {
    if (prompt instanceof Prompt.Text text) {
      return new Encoded(ids(fitted.encode(text.text())), false);
    }
    if (prompt instanceof Prompt.Chat chat) {
      String text = frame().asked(chat.messages());
      return new Encoded(fragment(text), !goesOn(text, chat.messages()));
    }
    return new Encoded(((Prompt.Tokens) prompt).ids(), false);
  }

  /** Whether a template has left the last message open, for the model to go on with it. */
  private static boolean goesOn(String text, List<ChatMessage> messages) {
    ChatMessage last = messages.get(messages.size() - 1);
    return last.role().equals("assistant")
        && !last.content().isBlank()
        && text.endsWith(last.content());
  }

  /** A context, behind which prompts will stand. */
  ContextWords context(Prompt prompt) {
    if (prompt instanceof Prompt.Chat chat) {
      return ContextWords.chat(this, chat.messages());
    }
    return ContextWords.plain(this, of(prompt).ids());
  }

  ImmutableIntArray fragment(String text) {
    return ids(fitted.encodeFragment(text));
  }

  Tokenizer tokenizer() {
    return fitted;
  }

  private static ImmutableIntArray ids(int[] ids) {
    return ImmutableIntArray.copyOf(ids);
  }

  /**
   * How conversations are written.
   *
   * @throws ModelException if the model has no template
   */
  ChatFrame frame() {
    return words
        .template()
        .map(template -> new ChatFrame(template, Map.of()))
        .orElseThrow(
            () ->
                new ModelException(
                    words
                        .refusal()
                        .map(
                            reason ->
                                "the chat template of model %s cannot be used, so it takes no conversations: %s"
                                    .formatted(model.info().name(), reason))
                        .orElse(
                            "model %s has no chat template, so it takes no conversations; give a text, or a template beside the model (chat_template.jinja)"
                                .formatted(model.info().name()))));
  }

  /** Tells presses that read the context again how its prompts are written. */
  void prepare(ModelPress press) {
    if (press.readsAgain()) {
      model.prompts().use(PromptFrame.of(fitted, words.template()));
    }
  }
}
