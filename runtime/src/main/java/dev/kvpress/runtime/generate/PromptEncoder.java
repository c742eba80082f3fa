package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Utf8;
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
      return new Encoded(ids(fitted.encode(checked(text.text()))), false);
    }
    if (prompt instanceof Prompt.Chat chat) {
      String text = frame().asked(chat.messages());
      return new Encoded(fragment(text), !goesOn(text, chat.messages()));
    }
    return given((Prompt.Tokens) prompt);
  }

  /**
   * Tokens as they were given.
   *
   * @throws IllegalArgumentException naming one that the model does not know
   */
  Encoded given(Prompt.Tokens tokens) {
    model.info().requireKnown(tokens.ids().toArray());
    return new Encoded(tokens.ids(), false);
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
    return ids(fitted.encodeFragment(checked(text)));
  }

  /**
   * The text, if it can be made tokens at all. One that has more than the model has positions,
   * whatever they are, is refused before that: it takes seconds and gigabytes where it is long.
   *
   * @throws IllegalArgumentException naming the half character, or the tokens and the positions
   */
  String checked(String text) {
    try {
      var unused = Utf8.encodedLength(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "expected a text of whole characters, found half of one (%s); mend the text or leave it out"
              .formatted(e.getMessage()),
          e);
    }
    int positions = model.info().maxPositions().orElse(Integer.MAX_VALUE);
    if (text.length() > positions) {
      long tokens = fitted.fewestTokens(text);
      checkArgument(
          tokens <= positions,
          "the prompt has at least %s tokens, but model %s has %s positions; shorten it",
          tokens,
          model.info().name(),
          positions);
    }
    return text;
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
