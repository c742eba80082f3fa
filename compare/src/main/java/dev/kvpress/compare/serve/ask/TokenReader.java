package dev.kvpress.compare.serve.ask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.FieldRules;
import dev.kvpress.compare.serve.wire.Fields;
import dev.kvpress.runtime.generate.Prompt;
import java.util.Optional;

/** Reads requests to {@code /tokenize} and {@code /detokenize}. */
public final class TokenReader {
  private static final int LONGEST_NAME = 512;

  private static final FieldRules TOKENIZE =
      FieldRules.serving("model", "prompt", "messages", "add_special_tokens")
          .refuses(
              "add_generation_prompt",
              node -> node.isBoolean() && node.booleanValue(),
              "tokens are those of a request, up to where the answer begins; leave it out")
          .refuses(
              "return_token_strs",
              SharedRules::isFalse,
              "tokens are told as ids; ask /detokenize for a text")
          .build();

  private static final FieldRules DETOKENIZE = FieldRules.serving("model", "tokens").build();

  private TokenReader() {}

  /**
   * What is to be cut into tokens.
   *
   * @param model its name, where one is given
   * @param prompt as a request would have it; empty where there is a piece
   * @param piece a text to which nothing is added
   */
  public record Tokenize(Optional<String> model, Optional<Prompt> prompt, Optional<String> piece) {
    /** The field that says it. */
    public String field() {
      return prompt.orElse(null) instanceof Prompt.Chat ? "messages" : "prompt";
    }
  }

  /**
   * What is to be joined to a text.
   *
   * @param model its name, where one is given
   */
  public record Detokenize(Optional<String> model, ImmutableIntArray ids) {}

  /**
   * Reads a request to {@code /tokenize}.
   *
   * @throws ApiException naming the field that cannot be as it is
   */
  public static Tokenize tokenize(ObjectNode request) {
    Fields fields = new Fields(request);
    TOKENIZE.check(fields);
    Optional<String> model = fields.text("model", LONGEST_NAME);
    Optional<String> text = fields.text("prompt", Integer.MAX_VALUE);
    boolean chat = fields.any("messages").isPresent();
    boolean special = fields.flag("add_special_tokens", !chat);
    if (chat == text.isPresent()) {
      throw ApiException.field("prompt", "prompt: expected it or messages, not both or none");
    }
    if (chat && special) {
      throw ApiException.field(
          "add_special_tokens",
          "add_special_tokens: the chat template says which tokens there are; leave it out");
    }
    if (chat) {
      return new Tokenize(
          model, Optional.of(new Prompt.Chat(MessageReader.all(fields))), Optional.empty());
    }
    return special
        ? new Tokenize(model, text.map(Prompt.Text::new), Optional.empty())
        : new Tokenize(model, Optional.empty(), text);
  }

  /**
   * Reads a request to {@code /detokenize}.
   *
   * @throws ApiException naming the field that cannot be as it is
   */
  public static Detokenize detokenize(ObjectNode request, AskLimits limits) {
    Fields fields = new Fields(request);
    DETOKENIZE.check(fields);
    JsonNode tokens =
        fields.any("tokens").orElseThrow(() -> fields.missing("tokens", "a list of token ids"));
    return new Detokenize(
        fields.text("model", LONGEST_NAME),
        new PromptReader(limits.vocabulary()).ids(fields, "tokens", tokens));
  }
}
