package dev.kvpress.compare.serve.ask;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.Fields;
import dev.kvpress.runtime.generate.Prompt;
import java.util.ArrayList;
import java.util.List;

/** Reads prompts: a text, token ids, or a list of either. */
final class PromptReader {
  private final int vocabulary;

  /** A reader of ids below a number. */
  PromptReader(int vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** All prompts of a field that must be there. */
  List<Prompt> all(Fields fields, String name) {
    JsonNode node =
        fields
            .any(name)
            .orElseThrow(() -> fields.missing(name, "a text, token ids, or a list of these"));
    boolean several =
        node.isArray() && !node.isEmpty() && (node.get(0).isTextual() || node.get(0).isArray());
    if (!several) {
      return List.of(one(fields, name, node));
    }
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      prompts.add(one(fields, "%s[%d]".formatted(name, i), node.get(i)));
    }
    return prompts;
  }

  /** One prompt. */
  Prompt one(Fields fields, String name, JsonNode node) {
    if (node.isTextual()) {
      return new Prompt.Text(fields.text(name, node, Integer.MAX_VALUE));
    }
    if (!node.isArray()) {
      throw fields.wrong(name, "a text or token ids", node);
    }
    ImmutableIntArray ids = ids(fields, name, node);
    if (ids.isEmpty()) {
      throw ApiException.field(
          fields.named(name), fields.named(name) + ": expected at least one token, found none");
    }
    return new Prompt.Tokens(ids);
  }

  /** Token ids that the model has. */
  ImmutableIntArray ids(Fields fields, String name, JsonNode node) {
    if (!node.isArray()) {
      throw fields.wrong(name, "a list of token ids", node);
    }
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder(node.size());
    for (int i = 0; i < node.size(); i++) {
      JsonNode id = node.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw fields.wrong("%s[%d]".formatted(name, i), "a token id, a whole number from 0 on", id);
      }
      requireKnown(fields.named("%s[%d]".formatted(name, i)), id.intValue());
      ids.add(id.intValue());
    }
    return ids.build();
  }

  /**
   * Refuses an id that the model has not.
   *
   * @param name of the field that says it
   */
  void requireKnown(String name, int id) {
    if (id >= vocabulary) {
      throw ApiException.field(
          name,
          "%s: expected a token id from 0 to %d, which the model has, found %d"
              .formatted(name, vocabulary - 1, id));
    }
  }
}
