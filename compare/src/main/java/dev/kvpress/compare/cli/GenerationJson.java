package dev.kvpress.compare.cli;

import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.SamplingOptions;
import dev.kvpress.runtime.generate.TokenScore;
import dev.kvpress.runtime.generate.Usage;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A text and all that is known of it as one JSON object. */
final class GenerationJson {
  private static final double NANOS_PER_MILLI = 1e6;

  private GenerationJson() {}

  /**
   * The object.
   *
   * @param scored whether log-probabilities were asked for
   */
  static String of(Generation text, SamplingOptions sampling, boolean scored) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    all.put("text", text.text());
    all.put("finish", text.reason().name().toLowerCase(Locale.ROOT));
    all.put("stop", text.stop().orElse(null));
    all.put("tokens", text.tokens().stream().map(token -> token(token, scored)).toList());
    if (scored && text.end().isPresent()) {
      all.put("end_token", token(text.end().get(), true));
    }
    all.put("usage", usage(text.usage()));
    all.put("seed", sampling.seed().isPresent() ? sampling.seed().getAsLong() : null);
    all.put("notices", text.notices());
    return Json.pretty(all);
  }

  private static Map<String, @Nullable Object> token(TokenScore token, boolean scored) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("id", token.id());
    fields.put("text", token.text());
    fields.put("text_offset", token.textOffset());
    if (scored) {
      fields.put("log_probability", finite(token.logProbability()));
      fields.put(
          "alternatives", token.alternatives().stream().map(GenerationJson::alternative).toList());
    }
    return fields;
  }

  private static Map<String, @Nullable Object> alternative(TokenScore.Alternative token) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("id", token.id());
    fields.put("text", token.text());
    fields.put("log_probability", finite(token.logProbability()));
    return fields;
  }

  /** JSON has no word for the logarithm of nothing. */
  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** The fraction of the cache that is gone; nothing has been cut before anything was read. */
  static double removed(Usage usage) {
    return usage.seenTokens() == 0 ? 0 : 1 - (double) usage.keptTokens() / usage.seenTokens();
  }

  private static Map<String, Object> usage(Usage usage) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("prompt_tokens", usage.promptTokens());
    fields.put("generated_tokens", usage.generatedTokens());
    fields.put("seen_tokens", usage.seenTokens());
    fields.put("kept_tokens", usage.keptTokens());
    fields.put("final_kept_tokens", usage.finalKeptTokens());
    fields.put("achieved_ratio", removed(usage));
    Map<String, Object> bytes = new LinkedHashMap<>();
    bytes.put("logical", usage.logicalBytes());
    bytes.put("physical", usage.physicalBytes());
    bytes.put("full", usage.fullBytes());
    fields.put("bytes", bytes);
    fields.put("times_ms", times(usage));
    return fields;
  }

  private static Map<String, Object> times(Usage usage) {
    Map<String, Object> times = new LinkedHashMap<>();
    Map<String, Long> nanos = new LinkedHashMap<>();
    nanos.put("wait", usage.waitNanos());
    nanos.put("prefill", usage.prefillNanos());
    nanos.put("press", usage.pressNanos());
    nanos.put("reading", usage.readingNanos());
    nanos.put("first_token", usage.firstTokenNanos());
    nanos.put("decode", usage.decodeNanos());
    nanos.forEach((name, time) -> times.put(name, time / NANOS_PER_MILLI));
    return times;
  }
}
