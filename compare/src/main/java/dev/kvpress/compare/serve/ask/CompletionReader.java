package dev.kvpress.compare.serve.ask;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.FieldRules;
import dev.kvpress.compare.serve.wire.Fields;
import dev.kvpress.runtime.generate.Prompt;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads requests to {@code /v1/completions}. */
public final class CompletionReader {
  /** What OpenAI's interface writes where nothing is said. */
  private static final int DEFAULT_TOKENS = 16;

  private static final int MOST_LOGPROBS = 20;

  private static final FieldRules RULES =
      SharedRules.add(
              FieldRules.serving(OptionsReader.FIELDS)
                  .serves("prompt", "best_of", "echo", "context_tokens"))
          .refuses("suffix", "texts are gone on with, never filled in; leave it out")
          .build();

  private final OptionsReader options;

  /** A reader that knows what a request may ask for. */
  public CompletionReader(AskLimits limits) {
    options = new OptionsReader(limits);
  }

  /** Which fields are passed over, and why. */
  public static FieldRules rules() {
    return RULES;
  }

  /**
   * Reads a request.
   *
   * @throws ApiException naming the field that cannot be as it is
   */
  public CompletionAsk read(ObjectNode request) {
    Fields fields = new Fields(request);
    RULES.check(fields);
    AskOptions common = options.read(fields);
    List<Prompt> prompts = options.prompts().all(fields, "prompt");
    options.requireChoices(prompts.size(), common.n());
    requireBest(fields, common.n());
    boolean echo = fields.flag("echo");
    int maxTokens =
        options
            .maxTokens(fields, "max_tokens", 0)
            .orElse(Math.min(DEFAULT_TOKENS, options.mostTokens()));
    if (maxTokens == 0 && !echo) {
      throw ApiException.field(
          "max_tokens", "max_tokens: expected at least 1; 0 goes with \"echo\": true only");
    }
    CompletionAsk ask =
        new CompletionAsk(
            common,
            prompts,
            maxTokens,
            echo,
            fields.integer("logprobs", 0, MOST_LOGPROBS),
            fields.any("context").map(node -> options.prompts().one(fields, "context", node)),
            fields.integer("context_tokens", 1, Integer.MAX_VALUE));
    requireOneContext(ask);
    return ask;
  }

  private static void requireBest(Fields fields, int n) {
    OptionalInt best = fields.integer("best_of", 1, Integer.MAX_VALUE);
    if (best.isPresent() && best.getAsInt() != n) {
      throw ApiException.unsupported(
          "best_of",
          "best_of: answers are not chosen among; expected n, which is %d, found %d"
              .formatted(n, best.getAsInt()));
    }
  }

  private static void requireOneContext(CompletionAsk ask) {
    AskOptions options = ask.options();
    Optional<String> stored = options.stored();
    int ways =
        (ask.context().isPresent() ? 1 : 0)
            + (ask.contextTokens().isPresent() ? 1 : 0)
            + (stored.isPresent() ? 1 : 0);
    if (ways > 1) {
      throw ApiException.field(
          stored.isPresent() ? "stored_context" : "context_tokens",
          "give one of context, context_tokens and stored_context, since each says what is read before the prompt");
    }
    boolean whole = ask.context().isPresent() || stored.isPresent();
    if (whole && ask.echo()) {
      throw ApiException.field(
          "echo",
          "echo: a prompt behind a context of its own is not told again; give the context as the beginning of the prompt, and its length as context_tokens");
    }
    if (options.cacheKey().isPresent() && ask.contextTokens().isPresent()) {
      throw ApiException.field(
          "prompt_cache_key",
          "prompt_cache_key: goes with context; with context_tokens nothing is kept, leave it out");
    }
  }
}
