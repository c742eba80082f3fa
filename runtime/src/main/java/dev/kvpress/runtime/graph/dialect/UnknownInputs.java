package dev.kvpress.runtime.graph.dialect;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Says why a graph is refused whose inputs are not those of a decoder that we understand. */
final class UnknownInputs {
  private static final Map<Predicate<String>, String> REASONS = reasons();

  private UnknownInputs() {}

  private static Map<Predicate<String>, String> reasons() {
    Map<Predicate<String>, String> reasons = new LinkedHashMap<>();
    reasons.put(
        name -> name.startsWith("encoder_") || CacheName.isOfAnEncoder(name),
        "belongs to an encoder; only models with a decoder alone are understood");
    reasons.put(
        name -> CacheName.layerOfBoth(name).isPresent(),
        "is a cache that tells neither by its name nor by its shape what are keys and what values");
    reasons.put(
        pattern("token_type_ids"),
        "means something else in each model; export the model without it");
    reasons.put(
        pattern("(inputs?_embeds?|embeddings|hidden_states)"),
        "wants embeddings in place of token ids; export the whole decoder, embeddings included");
    reasons.put(
        pattern("(cache_indirection|beam_width|parent_ids)"),
        "belongs to beam search; export the model without it");
    reasons.put(
        pattern(".*(pixel|image|audio|vision|input_features).*"),
        "wants pictures or sound; only text is understood");
    return reasons;
  }

  private static Predicate<String> pattern(String regex) {
    return Pattern.compile(regex).asMatchPredicate();
  }

  /** In words, for inputs that nothing has claimed. */
  static String refusal(Collection<String> names) {
    List<String> reasons =
        names.stream().map(name -> "input %s %s".formatted(name, reason(name))).toList();
    return String.join("; ", reasons)
        + "; understood are input_ids, attention_mask, position_ids, the keys and values of each"
        + " layer (such as past_key_values.N.key and present.N.key) and past_X with present_X";
  }

  private static String reason(String name) {
    return REASONS.entrySet().stream()
        .filter(known -> known.getKey().test(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("is unknown, and what is not understood is not left out");
  }

  /** In words, for graphs without any cache. */
  static String noCache(PortList ports) {
    List<String> known =
        ports.inputs().stream().filter(n -> !reason(n).startsWith("is unknown")).toList();
    return "no input holds the keys of a layer (such as past_key_values.0.key); inputs are "
        + String.join(", ", ports.inputs())
        + (known.isEmpty() ? "" : "; " + refusal(known))
        + " (export with past, task text-generation-with-past in Optimum)";
  }
}
