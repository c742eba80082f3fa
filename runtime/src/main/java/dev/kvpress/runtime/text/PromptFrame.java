package dev.kvpress.runtime.text;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.chat.ChatMessage;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What stands around a text that a user says to one model, in token ids (kvpress {@code
 * kvzip_press.py}, __call__). Safe for many threads.
 */
public final class PromptFrame {
  private static final String LINE_END = "\n";
  private static final String TEXT = "dummy context";
  private static final Map<String, Boolean> SWITCHES = Map.of("enable_thinking", false);

  private final Function<String, int[]> encoder;
  private final ImmutableIntArray prefix;
  private final ImmutableIntArray suffix;

  private PromptFrame(Function<String, int[]> encoder, String before, String behind) {
    this.encoder = encoder;
    prefix = encode(before);
    suffix = encode(behind);
  }

  /**
   * The frame of a chat template, or that of running text: nothing before it, a line end behind.
   *
   * @throws IllegalArgumentException if the template does not write what the user says once
   */
  public static PromptFrame of(Tokenizer tokenizer, Optional<ChatTemplate> template) {
    if (template.isEmpty()) {
      return encodedBy(tokenizer::encodeFragment);
    }
    String separator = LINE_END + "#".repeat(TEXT.length());
    String text =
        template.get().render(List.of(ChatMessage.user(TEXT + separator)), true, SWITCHES);
    int said = text.indexOf(TEXT);
    int end = text.indexOf(separator);
    checkArgument(
        said >= 0 && end > said && text.indexOf(separator, end + 1) < 0,
        "the chat template (%s) does not write what the user says exactly once, so what stands around it is not known; give another, or none",
        template.get().describe());
    return new PromptFrame(
        tokenizer::encodeFragment,
        text.substring(0, said),
        text.substring(end + separator.length()));
  }

  /**
   * The frame of running text of a model whose tokenizer is somebody else's.
   *
   * @param encoder gives the token ids of a piece of a prompt, safe for many threads
   */
  public static PromptFrame encodedBy(Function<String, int[]> encoder) {
    return new PromptFrame(encoder, "", LINE_END);
  }

  /**
   * The frame of a model with the tokenizer and the usual chat template beside it.
   *
   * @param rows number of token ids of the model, V
   * @throws ModelException if there is no tokenizer, or the template is not supported
   */
  public static PromptFrame beside(Path model, int rows) {
    Tokenizer tokenizer =
        Tokenizers.find(model)
            .orElseThrow(
                () ->
                    new ModelException(
                        "%s: expected a tokenizer beside the model (%s), found none"
                            .formatted(model, Tokenizers.KNOWN_FILES)));
    return of(FittedTokenizer.of(tokenizer, rows), ChatTemplates.beside(model).usual());
  }

  /** Token ids of a piece of a prompt. */
  public ImmutableIntArray encode(String text) {
    return text.isEmpty() ? ImmutableIntArray.of() : ImmutableIntArray.copyOf(encoder.apply(text));
  }

  /** Token ids behind what the user says. */
  public ImmutableIntArray suffix() {
    return suffix;
  }

  /**
   * How many first tokens of a context a template has written: all of the prefix where the context
   * begins with it, else none, since not every context is what a user says. The last token of the
   * prefix may be another one, as it may have grown together with the text.
   */
  public int prefixTokens(ImmutableIntArray context) {
    int compared = prefix.length() - 1;
    if (compared < 0 || context.length() <= prefix.length()) {
      return 0;
    }
    return context.subArray(0, compared).equals(prefix.subArray(0, compared)) ? prefix.length() : 0;
  }
}
