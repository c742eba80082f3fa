package dev.kvpress.compare.cases;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.kvpress.presses.spec.PressCatalog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The tensors of one layer and one step, as far as they were given. */
final class LayerInputs {
  static final String KEYS = "keys";
  static final String VALUES = "values";
  static final String ATTENTIONS = "attentions";
  static final String QUERIES = "queries";
  static final String QUERIES_PRE_ROPE = "queries_pre_rope";
  static final String HIDDEN_STATES = "hidden_states";
  static final String OUTPUT_PROJECTION = "output_projection";
  static final String ROPE_THETA = "rope_theta";

  /** Shapes in letters by field. */
  private static final Map<String, String> TENSORS = new LinkedHashMap<>();

  /** Fields of the same schema which no press here reads. */
  private static final List<String> UNUSED = List.of("q_filters", "random_sketch", "kvzap_weights");

  static {
    TENSORS.put(KEYS, "[B][G][S][D]");
    TENSORS.put(VALUES, "[B][G][S][D]");
    TENSORS.put(ATTENTIONS, "[B][H][Q][slots]");
    TENSORS.put(QUERIES, "[B][H][S][D]");
    TENSORS.put(QUERIES_PRE_ROPE, "[B][H][S][D]");
    TENSORS.put(HIDDEN_STATES, "[B][S][E]");
    TENSORS.put(OUTPUT_PROJECTION, "[E][H*D]");
  }

  private final String place;
  private final Map<String, NestedFloats> tensors = new LinkedHashMap<>();
  private OptionalDouble ropeTheta = OptionalDouble.empty();

  private LayerInputs(String place) {
    this.place = place;
  }

  /**
   * Reads an object at which the parser stands.
   *
   * @param place its name for messages, for instance {@code inputs} or {@code steps[3]}
   */
  static LayerInputs read(JsonParser parser, String place) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new CaseException(
          "%s: expected an object of tensors, found %s".formatted(place, Tokens.found(parser)));
    }
    LayerInputs inputs = new LayerInputs(place);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      inputs.field(parser, parser.currentName());
    }
    return inputs;
  }

  private void field(JsonParser parser, String name) throws IOException {
    JsonToken value = parser.nextToken();
    String letters = TENSORS.get(name);
    if (value == JsonToken.VALUE_NULL && (letters != null || name.equals(ROPE_THETA))) {
      return;
    }
    if (letters != null) {
      tensors.put(name, NestedFloats.read(parser, place + "." + name, letters));
    } else if (name.equals(ROPE_THETA)) {
      if (!value.isNumeric() || !(parser.getDoubleValue() > 0)) {
        throw new CaseException(
            "%s.rope_theta: expected a number above 0, found %s"
                .formatted(place, Tokens.found(parser)));
      }
      ropeTheta = OptionalDouble.of(parser.getDoubleValue());
    } else if (UNUSED.contains(name)) {
      parser.skipChildren();
    } else {
      List<String> known = new ArrayList<>(TENSORS.keySet());
      known.add(ROPE_THETA);
      known.addAll(UNUSED);
      throw PressCatalog.unknown("field of " + place, name, known);
    }
  }

  /** The name for messages. */
  String place() {
    return place;
  }

  Optional<NestedFloats> tensor(String field) {
    return Optional.ofNullable(tensors.get(field));
  }

  OptionalDouble ropeTheta() {
    return ropeTheta;
  }
}
