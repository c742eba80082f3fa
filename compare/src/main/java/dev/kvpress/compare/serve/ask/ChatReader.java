package dev.kvpress.compare.serve.ask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.FieldRules;
import dev.kvpress.compare.serve.wire.Fields;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads requests to {@code /v1/chat/completions}. */
public final class ChatReader {
  private static final int MOST_LOGPROBS = 20;
  private static final String NO_TOOLS = "the model is given no tools and calls none; leave it out";

  private static final FieldRules RULES =
      SharedRules.add(
              FieldRules.serving(OptionsReader.FIELDS)
                  .serves("messages", "max_completion_tokens", "top_logprobs"))
          .passes("parallel_tool_calls", "says how tools are called; there are none")
          .refuses("tools", SharedRules::isEmpty, NO_TOOLS)
          .refuses("functions", SharedRules::isEmpty, NO_TOOLS)
          .refuses("tool_choice", ChatReader::isNoTool, NO_TOOLS)
          .refuses("function_call", ChatReader::isNoTool, NO_TOOLS)
          .refuses(
              "response_format",
              ChatReader::isText,
              "answers are free text, no JSON is enforced; leave it out or {\"type\": \"text\"}")
          .refuses(
              "modalities", ChatReader::isTextOnly, "answers are text; leave it out or [\"text\"]")
          .refuses("audio", "answers are text; leave it out")
          .refuses("web_search_options", "nothing is searched; leave it out")
          .refuses(
              "reasoning_effort",
              node -> node.asText().equals("none"),
              "the model has no dial for it; leave it out")
          .refuses(
              "verbosity",
              node -> node.asText().equals("medium"),
              "the model has no dial for it; leave it out and say it in a message")
          .build();

  private final OptionsReader options;

  /** A reader that knows what a request may ask for. */
  public ChatReader(AskLimits limits) {
    options = new OptionsReader(limits);
  }

  /** Which fields are passed over, and why. */
  public static FieldRules rules() {
    return RULES;
  }

  private static boolean isNoTool(JsonNode node) {
    return node.isTextual() && Set.of("none", "auto").contains(node.textValue());
  }

  private static boolean isText(JsonNode node) {
    return node.isObject() && node.size() == 1 && node.path("type").asText().equals("text");
  }

  private static boolean isTextOnly(JsonNode node) {
    return node.isArray() && node.size() == 1 && node.get(0).asText().equals("text");
  }

  /**
   * Reads a request.
   *
   * @throws ApiException naming the field that cannot be as it is
   */
  public ChatAsk read(ObjectNode request) {
    Fields fields = new Fields(request);
    RULES.check(fields);
    AskOptions common = options.read(fields);
    options.requireChoices(1, common.n());
    List<ChatMessage> messages = MessageReader.all(fields);
    Optional<String> context = fields.text("context", Integer.MAX_VALUE);
    requireOneContext(common, messages, context);
    return new ChatAsk(common, messages, maxTokens(fields), logprobs(fields), context);
  }

  private int maxTokens(Fields fields) {
    OptionalInt now = options.maxTokens(fields, "max_completion_tokens", 1);
    OptionalInt before = options.maxTokens(fields, "max_tokens", 1);
    if (now.isPresent() && before.isPresent() && now.getAsInt() != before.getAsInt()) {
      throw ApiException.field(
          "max_tokens",
          "max_tokens: is the older name of max_completion_tokens, which says %d; leave one of them out"
              .formatted(now.getAsInt()));
    }
    return now.orElse(before.orElse(options.mostTokens()));
  }

  private static OptionalInt logprobs(Fields fields) {
    boolean wanted = fields.flag("logprobs");
    OptionalInt top = fields.integer("top_logprobs", 0, MOST_LOGPROBS);
    if (top.isPresent() && !wanted) {
      throw ApiException.field(
          "top_logprobs", "top_logprobs: expected none unless \"logprobs\" is true");
    }
    return wanted ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
  }

  private static void requireOneContext(
      AskOptions common, List<ChatMessage> messages, Optional<String> context) {
    if (context.isPresent() && common.stored().isPresent()) {
      throw ApiException.field(
          "stored_context",
          "give one of context and stored_context, since each says what is read before the question");
    }
    boolean behind = context.isPresent() || common.stored().isPresent();
    String last = messages.get(messages.size() - 1).role();
    if ((behind || common.cacheKey().isPresent()) && !last.equals("user")) {
      throw ApiException.field(
          "messages",
          "messages: behind a context the last one must be the user's, found one of role '%s'"
              .formatted(last));
    }
    if (common.stored().isPresent() && messages.size() > 1) {
      throw ApiException.field(
          "messages",
          "messages: behind a stored context there is one message, the question, found %d"
              .formatted(messages.size()));
    }
    if (context.isPresent() && context.get().isEmpty()) {
      throw ApiException.field("context", "context: expected a text, found an empty one");
    }
  }
}
