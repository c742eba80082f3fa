package dev.kvpress.compare.serve.ask;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.serve.wire.FieldRules;

/** Fields of OpenAI's interface that are passed over or refused, whatever the request. */
final class SharedRules {
  private SharedRules() {}

  static FieldRules.Builder add(FieldRules.Builder rules) {
    return rules
        .passes("user", "names whom the request is for; nothing is done by user")
        .passes("safety_identifier", "the same under its newer name")
        .passes("metadata", "notes for whoever stores requests; none is stored")
        .passes("service_tier", "a choice of OpenAI's machines; there is one")
        .passes("prediction", "a guess at the answer that only speeds it up")
        .passes("prompt_cache_retention", "contexts are kept as long as there is room")
        .refuses(
            "store",
            SharedRules::isFalse,
            "answers are not stored, so none can be asked for later; leave it out or false");
  }

  static boolean isFalse(JsonNode node) {
    return node.isBoolean() && !node.booleanValue();
  }

  static boolean isEmpty(JsonNode node) {
    return node.isContainerNode() && node.isEmpty();
  }
}
