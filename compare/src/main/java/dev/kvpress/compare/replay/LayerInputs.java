package dev.kvpress.compare.replay;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
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

  static final String Q_FILTERS = "q_filters";

  /** Shapes in letters by field; T stands for the tokens, C for what attention looks at. */
  private static final ImmutableMap<String, String> TENSORS =
      ImmutableMap.<String, String>builder()
          .put(KEYS, "[B][G][T][D]")
          .put(VALUES, "[B][G][T][D]")
          .put(ATTENTIONS, "[B][H][T][C]")
          .put(QUERIES, "[B][H][T][D]")
          .put(QUERIES_PRE_ROPE, "[B][H][T][D]")
          .put(HIDDEN_STATES, "[B][T][E]")
          .put(OUTPUT_PROJECTION, "[E][H*D]")
          .put(Q_FILTERS, "[G][D]")
          .buildOrThrow();

  /** Fields of the same schema which no press here reads. */
  private static final ImmutableList<String> UNUSED =
      ImmutableList.of("random_sketch", "kvzap_weights");

  private final String place;
  private final Case.Kind kind;
  private final Map<String, NestedFloats> tensors = new LinkedHashMap<>();
  private OptionalDouble ropeTheta = OptionalDouble.empty();

  private LayerInputs(Case.Kind kind, String place) {
    this.kind = kind;
    this.place = place;
  }

  /**
   * Reads an object at which the parser stands.
   *
   * @param place its name for messages, for instance {@code inputs} or {@code steps[3]}
   */
  static LayerInputs read(JsonParser parser, Case.Kind kind, String place) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new CaseException(
          "%s: expected an object of tensors, found %s".formatted(place, JsonValues.found(parser)));
    }
    LayerInputs inputs = new LayerInputs(kind, place);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      inputs.field(parser, parser.currentName());
    }
    return inputs;
  }

  private void field(JsonParser parser, String name) throws IOException {
    JsonToken value = parser.nextToken();
    boolean tensor = TENSORS.containsKey(name);
    if (value == JsonToken.VALUE_NULL && (tensor || name.equals(ROPE_THETA))) {
      return;
    }
    if (tensor) {
      tensors.put(name, NestedFloats.read(parser, fieldName(name), letters(name)));
    } else if (name.equals(ROPE_THETA)) {
      double theta = value.isNumeric() ? parser.getDoubleValue() : Double.NaN;
      if (!(theta > 0 && theta < Double.POSITIVE_INFINITY)) {
        throw new CaseException(
            "%s.rope_theta: expected a number above 0, found %s"
                .formatted(place, JsonValues.found(parser)));
      }
      ropeTheta = OptionalDouble.of(theta);
    } else if (UNUSED.contains(name)) {
      parser.skipChildren();
    } else {
      List<String> known = new ArrayList<>(TENSORS.keySet());
      known.add(ROPE_THETA);
      known.addAll(UNUSED);
      throw PressCatalog.unknown("field of " + place, name, known);
    }
  }

  /** The shape of a tensor in letters, as this kind of case has it. */
  String letters(String field) {
    boolean score = kind == Case.Kind.SCORE;
    return String.valueOf(TENSORS.getOrDefault(field, "a number"))
        .replace("[T]", score ? "[S]" : "[Q]")
        .replace("[C]", score ? "[S]" : "[slots]");
  }

  /** The full name of a field for messages. */
  String fieldName(String field) {
    return place + "." + field;
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
