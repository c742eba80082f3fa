package dev.kvpress.compare.replay;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.presses.scorer.GateScores;
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

  static final String KEYS_PRE_ROPE = "keys_pre_rope";
  static final String RANDOM_SKETCH = "random_sketch";
  static final String Q_FILTERS = "q_filters";
  static final String HEAD_SCORES = "duo_head_scores";
  static final String QUERY_MEAN = "expected_attention_mean";
  static final String QUERY_COVARIANCE = "expected_attention_covariance";
  static final String BUDGET_CURVE = "lukv.curve";
  static final String CENTRES = "triattention.query_mean";
  static final String CENTRE_LENGTHS = "triattention.query_length";
  static final String KVZAP_WEIGHTS = "kvzap_weights";

  /** Shapes of the parts of a gate; M stands for its channels, A for its keys. */
  static final ImmutableMap<String, String> GATE =
      ImmutableMap.of(
          GateScores.QUERY_WEIGHT, "[H*M][E]",
          GateScores.QUERY_BIAS, "[H*M]",
          GateScores.KEY_WEIGHT, "[G*M][E]",
          GateScores.QUERY_NORM, "[M]",
          GateScores.KEY_NORM, "[M]",
          GateScores.BASE, "[G][1][A][M]",
          GateScores.BIAS, "[G][1][H/G]");

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
          .put(KEYS_PRE_ROPE, "[B][G][T][D]")
          .put(RANDOM_SKETCH, "[B][G][D][K]")
          .put(Q_FILTERS, "[G][D]")
          .put(HEAD_SCORES, "[G]")
          .put(QUERY_MEAN, "[H][D]")
          .put(QUERY_COVARIANCE, "[H][D][D]")
          .put(BUDGET_CURVE, "[99][G]")
          .put(CENTRES, "[H][D]")
          .put(CENTRE_LENGTHS, "[H][D]")
          .putAll(GATE)
          .buildOrThrow();

  /** Fields that presses know by the same name, as tensors that no pass computes. */
  static final ImmutableList<String> AUXILIARIES =
      ImmutableList.<String>builder()
          .add(KEYS_PRE_ROPE, RANDOM_SKETCH, Q_FILTERS, HEAD_SCORES, QUERY_MEAN, QUERY_COVARIANCE)
          .add(BUDGET_CURVE, CENTRES, CENTRE_LENGTHS)
          .addAll(GATE.keySet())
          .build();

  private final String place;
  private final Case.Kind kind;
  private final Map<String, NestedFloats> tensors = new LinkedHashMap<>();
  private Optional<KvZapWeights> kvzap = Optional.empty();
  // What is wrong with fields that few presses read, until one of these asks for them.
  private final Map<String, CaseException> faults = new LinkedHashMap<>();
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
    boolean known = tensor || name.equals(ROPE_THETA) || name.equals(KVZAP_WEIGHTS);
    if (value == JsonToken.VALUE_NULL && known) {
      return;
    }
    if (name.equals(RANDOM_SKETCH) || name.equals(KVZAP_WEIGHTS)) {
      optional(parser, name);
    } else if (tensor) {
      tensors.put(name, NestedFloats.read(parser, fieldName(name), letters(name)));
    } else if (name.equals(ROPE_THETA)) {
      double theta = value.isNumeric() ? parser.getDoubleValue() : Double.NaN;
      if (!(theta > 0 && theta < Double.POSITIVE_INFINITY)) {
        throw new CaseException(
            "%s.rope_theta: expected a number above 0, found %s"
                .formatted(place, JsonValues.found(parser)));
      }
      ropeTheta = OptionalDouble.of(theta);
    } else {
      List<String> names = new ArrayList<>(TENSORS.keySet());
      names.add(ROPE_THETA);
      names.add(KVZAP_WEIGHTS);
      throw PressCatalog.unknown("field of " + place, name, names);
    }
  }

  private static TokenBuffer copy(JsonParser parser) throws IOException {
    TokenBuffer value = new TokenBuffer(parser);
    value.copyCurrentStructure(parser);
    return value;
  }

  private void optional(JsonParser parser, String name) throws IOException {
    // Read as a whole first, so that a fault leaves the parser behind the field.
    try (TokenBuffer value = copy(parser);
        JsonParser inside = value.asParserOnFirstToken()) {
      if (name.equals(KVZAP_WEIGHTS)) {
        kvzap = Optional.of(KvZapWeights.read(inside, fieldName(name)));
      } else {
        NestedFloats tensor = NestedFloats.read(inside, fieldName(name), letters(name));
        tensor.requireEven();
        tensors.put(name, tensor);
      }
    } catch (CaseException e) {
      faults.put(name, e);
    }
  }

  /** What is wrong with a field, to be said where a press reads it. */
  Optional<CaseException> fault(String field) {
    return Optional.ofNullable(faults.get(field));
  }

  /** The shape of a tensor in letters, as this kind of case has it. */
  String letters(String field) {
    if (field.equals(KVZAP_WEIGHTS)) {
      return KvZapWeights.LETTERS;
    }
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

  Optional<KvZapWeights> kvzap() {
    return kvzap;
  }

  OptionalDouble ropeTheta() {
    return ropeTheta;
  }
}
