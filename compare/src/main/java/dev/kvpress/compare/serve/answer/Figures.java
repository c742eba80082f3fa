package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.model.ServedPress;
import dev.kvpress.compare.serve.model.StoredPress;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.KeptMap;
import dev.kvpress.runtime.generate.Usage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** What an answer tells beside OpenAI's fields: {@code usage}, and the object {@code kvpress}. */
final class Figures {
  private static final double NANOS_PER_MILLI = 1e6;

  private final ObjectNode kvpress = JsonText.object();
  private final ArrayNode choices;
  private long promptTokens;
  private long cachedTokens;
  private long completionTokens;

  private Figures(String press, OptionalDouble ratio, OptionalInt tokens) {
    kvpress.put("press", press);
    ratio.ifPresentOrElse(
        asked -> kvpress.put("compression_ratio", asked),
        () -> kvpress.putNull("compression_ratio"));
    tokens.ifPresentOrElse(
        asked -> kvpress.put("kv_budget", asked), () -> kvpress.putNull("kv_budget"));
    choices = kvpress.putArray("choices");
  }

  /** For answers on caches that a press has cut, behind a stored context by that one's own. */
  static Figures of(ServedPress press, Optional<StoredPress> stored) {
    if (stored.isEmpty()) {
      return new Figures(press.spec(), press.ratio(), press.tokens());
    }
    Optional<Budget> budget = stored.get().budget();
    return new Figures(
        stored.get().spec(),
        budget.map(Budget::compressionRatio).orElse(OptionalDouble.empty()),
        budget.orElse(null) instanceof Budget.Tokens tokens
            ? OptionalInt.of(tokens.count())
            : OptionalInt.empty());
  }

  /** Counts the tokens of a prompt, once for all answers to it. */
  void prompt(long tokens, long cached) {
    promptTokens += tokens;
    cachedTokens += cached;
  }

  /** Counts tokens of an answer. */
  void completion(long tokens) {
    completionTokens += tokens;
  }

  /** Tokens of answers that were counted. */
  long completionTokens() {
    return completionTokens;
  }

  /** Adds what one answer took. */
  void choice(int index, Generation generation, Choice asked, List<String> further) {
    ObjectNode choice = choices.addObject();
    choice.put("index", index);
    choice.put("finish", Finish.detail(generation.reason()));
    usage(choice, generation.usage());
    asked
        .context()
        .reading()
        .ifPresentOrElse(
            reading -> times(choice.putObject("context_times_ms"), reading),
            () -> choice.putNull("context_times_ms"));
    OptionalLong seed = asked.seed();
    seed.ifPresentOrElse(value -> choice.put("seed", value), () -> choice.putNull("seed"));
    notices(choice, generation.notices(), further);
    generation.kept().ifPresent(kept -> choice.set("kept_map", kept(kept)));
  }

  /** Adds what reading a prompt took that nothing was written behind. */
  void scored(int index, Usage usage, List<String> notices) {
    ObjectNode choice = choices.addObject();
    choice.put("index", index);
    choice.put("finish", "max_tokens");
    usage(choice, usage);
    choice.putNull("context_times_ms");
    choice.putNull("seed");
    notices(choice, notices, List.of());
  }

  private static void notices(ObjectNode choice, List<String> own, List<String> further) {
    ArrayNode notices = choice.putArray("notices");
    Set<String> all = new LinkedHashSet<>(further);
    all.addAll(own);
    all.forEach(notices::add);
  }

  private static void usage(ObjectNode choice, Usage usage) {
    choice.put("context_tokens", usage.contextTokens());
    choice.put("prompt_tokens", usage.promptTokens());
    choice.put("generated_tokens", usage.generatedTokens());
    choice.put("seen_tokens", usage.seenTokens());
    choice.put("kept_tokens", usage.keptTokens());
    choice.put("final_kept_tokens", usage.finalKeptTokens());
    choice.put(
        "achieved_ratio",
        usage.seenTokens() == 0 ? 0 : 1.0 - (double) usage.keptTokens() / usage.seenTokens());
    ObjectNode bytes = choice.putObject("bytes");
    bytes.put("logical", usage.logicalBytes());
    bytes.put("physical", usage.physicalBytes());
    bytes.put("full", usage.fullBytes());
    ObjectNode times = choice.putObject("times_ms");
    times(times, usage);
    times.put("first_token", usage.firstTokenNanos() / NANOS_PER_MILLI);
    times.put("decode", usage.decodeNanos() / NANOS_PER_MILLI);
  }

  private static void times(ObjectNode times, Usage usage) {
    times.put("wait", usage.waitNanos() / NANOS_PER_MILLI);
    times.put("prefill", usage.prefillNanos() / NANOS_PER_MILLI);
    times.put("press", usage.pressNanos() / NANOS_PER_MILLI);
    times.put("reading", usage.readingNanos() / NANOS_PER_MILLI);
  }

  private static ObjectNode kept(KeptMap kept) {
    ObjectNode columns = JsonText.object();
    ArrayNode ids = columns.putArray("ids");
    ArrayNode texts = columns.putArray("text");
    ArrayNode shares = columns.putArray("share");
    for (KeptMap.KeptToken token : kept.tokens()) {
      ids.add(token.id());
      texts.add(token.text());
      shares.add(token.share());
    }
    return columns;
  }

  /** OpenAI's figures so far. */
  ObjectNode usage() {
    ObjectNode usage = JsonText.object();
    usage.put("prompt_tokens", promptTokens);
    usage.put("completion_tokens", completionTokens);
    usage.put("total_tokens", promptTokens + completionTokens);
    usage.putObject("prompt_tokens_details").put("cached_tokens", cachedTokens);
    return usage;
  }

  /** Our own, once all answers are at their end. */
  ObjectNode kvpress() {
    return kvpress;
  }
}
