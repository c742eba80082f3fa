package dev.kvpress.compare.serve.ask;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.serve.model.PressWish;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.FieldRules;
import dev.kvpress.compare.serve.wire.Fields;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.runtime.generate.SamplingOptions;
import dev.kvpress.runtime.generate.StopRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Reads what requests of both kinds have in common. */
final class OptionsReader {
  /** Fields of both kinds. */
  static final String[] FIELDS = {
    "model",
    "temperature",
    "top_p",
    "n",
    "stream",
    "stream_options",
    "stop",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "seed",
    "max_tokens",
    "logprobs",
    "top_k",
    "min_p",
    "repetition_penalty",
    "ignore_eos",
    "stop_token_ids",
    "press",
    "compression_ratio",
    "kv_budget",
    "context",
    "prompt_cache_key",
    "stored_context",
    "kept_map"
  };

  private static final int LONGEST_NAME = 512;
  private static final int LONGEST_KEY = 1024;
  private static final int MOST_STOPS = 16;
  private static final int LONGEST_STOP = 1024;
  private static final int MOST_BIASES = 4096;
  // As OpenAI's interface has them.
  private static final double HOTTEST = 2;
  private static final double LARGEST_PENALTY = 2;
  private static final double LARGEST_BIAS = 100;
  private static final double LARGEST_REPETITION_PENALTY = 1000;

  private static final FieldRules STREAM_RULES =
      FieldRules.serving("include_usage", "continuous_usage_stats")
          .passes("include_obfuscation", "padding against onlookers; what is answered is the same")
          .build();

  private final AskLimits limits;
  private final PromptReader prompts;

  OptionsReader(AskLimits limits) {
    this.limits = limits;
    prompts = new PromptReader(limits.vocabulary());
  }

  /** Reads prompts. */
  PromptReader prompts() {
    return prompts;
  }

  AskOptions read(Fields fields) {
    AskOptions.Streaming streaming = streaming(fields);
    int n = fields.integer("n", 1, limits.maxChoices()).orElse(1);
    return new AskOptions(
        fields
            .text("model", LONGEST_NAME)
            .orElseThrow(() -> fields.missing("model", "the name of a model")),
        press(fields),
        sampling(fields, n),
        stops(fields),
        n,
        streaming,
        fields.text("prompt_cache_key", LONGEST_KEY).filter(key -> !key.isEmpty()),
        fields.text("stored_context", LONGEST_KEY),
        fields.flag("kept_map"));
  }

  /** New tokens at most, of the first of some fields that is there. */
  OptionalInt maxTokens(Fields fields, String name, int min) {
    OptionalInt asked = fields.integer(name, min, Integer.MAX_VALUE);
    if (asked.isPresent() && asked.getAsInt() > limits.maxTokens()) {
      throw ApiException.field(
          name,
          "%s: this server writes at most %d tokens an answer, found %d; ask for fewer, or start it with a larger --max-tokens"
              .formatted(name, limits.maxTokens(), asked.getAsInt()));
    }
    return asked;
  }

  int mostTokens() {
    return limits.maxTokens();
  }

  /** Refuses more answers than a request may have. */
  void requireChoices(int prompts, int n) {
    if ((long) prompts * n > limits.maxChoices()) {
      throw ApiException.field(
          prompts > 1 ? "prompt" : "n",
          "expected at most %d answers a request (prompts times n), found %d; ask in several requests"
              .formatted(limits.maxChoices(), (long) prompts * n));
    }
  }

  private static AskOptions.Streaming streaming(Fields fields) {
    boolean on = fields.flag("stream");
    Optional<Fields> options = fields.object("stream_options");
    if (options.isPresent() && !on) {
      throw ApiException.field(
          "stream_options", "stream_options: expected none unless \"stream\" is true");
    }
    options.ifPresent(STREAM_RULES::check);
    return new AskOptions.Streaming(
        on,
        options.map(found -> found.flag("include_usage")).orElse(false),
        options.map(found -> found.flag("continuous_usage_stats")).orElse(false));
  }

  private static PressWish press(Fields fields) {
    OptionalDouble ratio = fields.number("compression_ratio", 0, Math.nextDown(1.0));
    OptionalInt tokens = fields.integer("kv_budget", 1, Integer.MAX_VALUE);
    if (ratio.isPresent() && tokens.isPresent()) {
      throw ApiException.field(
          "kv_budget", "kv_budget: give compression_ratio or kv_budget, not both");
    }
    return new PressWish(fields.text("press", LONGEST_NAME), ratio, tokens);
  }

  private SamplingOptions sampling(Fields fields, int n) {
    double temperature = fields.number("temperature", 0, HOTTEST).orElse(1);
    double topP = fields.number("top_p", 0, 1).orElse(1);
    if (topP == 0) {
      throw ApiException.field(
          "top_p", "top_p: expected more than 0; give \"temperature\": 0 for the likeliest token");
    }
    // vLLM's word for all.
    int topK = Math.max(0, fields.integer("top_k", -1, Integer.MAX_VALUE).orElse(0));
    double repetition =
        fields
            .number("repetition_penalty", Double.MIN_NORMAL, LARGEST_REPETITION_PENALTY)
            .orElse(1);
    // Those of further answers count up from it.
    OptionalLong seed = fields.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE - n + 1);
    return new SamplingOptions(
        temperature,
        topK,
        topP,
        fields.number("min_p", 0, 1).orElse(0),
        repetition,
        fields.number("presence_penalty", -LARGEST_PENALTY, LARGEST_PENALTY).orElse(0),
        fields.number("frequency_penalty", -LARGEST_PENALTY, LARGEST_PENALTY).orElse(0),
        biases(fields),
        seed);
  }

  private Map<Integer, Double> biases(Fields fields) {
    Optional<Fields> given = fields.object("logit_bias");
    if (given.isEmpty()) {
      return Map.of();
    }
    Fields own = given.get();
    if (own.object().size() > MOST_BIASES) {
      throw ApiException.field(
          "logit_bias",
          "logit_bias: expected at most %d tokens, found %d"
              .formatted(MOST_BIASES, own.object().size()));
    }
    Map<Integer, Double> biases = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : own.object().properties()) {
      // One way to write an id, so that none can be there twice.
      if (!entry.getKey().matches("0|[1-9][0-9]{0,8}")) {
        throw ApiException.field(
            "logit_bias",
            "logit_bias: expected token ids as names, without zeros before them, found '%s'"
                .formatted(JsonText.shortened(entry.getKey())));
      }
      prompts.requireKnown(own.named(entry.getKey()), Integer.parseInt(entry.getKey()));
      own.number(entry.getKey(), -LARGEST_BIAS, LARGEST_BIAS)
          .ifPresent(bias -> biases.put(Integer.parseInt(entry.getKey()), bias));
    }
    return biases;
  }

  private StopRules stops(Fields fields) {
    List<String> strings = new ArrayList<>();
    fields.any("stop").ifPresent(node -> addStops(fields, node, strings));
    Set<Integer> ids = new LinkedHashSet<>();
    Optional<JsonNode> list = fields.any("stop_token_ids");
    if (list.isPresent()) {
      prompts.ids(fields, "stop_token_ids", list.get()).stream().forEach(ids::add);
    }
    return new StopRules(strings, ids, fields.flag("ignore_eos"));
  }

  private static void addStops(Fields fields, JsonNode node, List<String> strings) {
    if (!node.isArray()) {
      strings.add(stop(fields, node));
      return;
    }
    if (node.size() > MOST_STOPS) {
      throw ApiException.field(
          "stop", "stop: expected at most %d strings, found %d".formatted(MOST_STOPS, node.size()));
    }
    node.forEach(each -> strings.add(stop(fields, each)));
  }

  private static String stop(Fields fields, JsonNode node) {
    String text = fields.text("stop", node, LONGEST_STOP);
    if (text.isEmpty()) {
      throw ApiException.field("stop", "stop: expected a string that is not empty");
    }
    return text;
  }
}
