package dev.kvpress.compare.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.testdata.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Inputs of golden files as the score command takes them. */
final class GoldenInputs {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private GoldenInputs() {}

  /** A press with the parameters of a golden case. */
  static String spec(String press, JsonNode params) {
    List<String> parts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : params.properties()) {
      parts.add(entry.getKey() + "=" + entry.getValue().asText());
    }
    return press + "(" + String.join(",", parts) + ")";
  }

  /** What the command knows is copied; queries are made where hidden states are given. */
  static ObjectNode of(JsonNode in) {
    ObjectNode inputs = JSON.objectNode();
    for (String field : List.of("keys", "values", "attentions", "hidden_states", "rope_theta")) {
      if (in.has(field)) {
        inputs.set(field, in.get(field));
      }
    }
    if (in.has("o_proj")) {
      inputs.set("output_projection", in.get("o_proj"));
    }
    if (in.has("q_filters_layer0")) {
      inputs.set("q_filters", in.get("q_filters_layer0"));
    }
    if (in.has("q_proj")) {
      inputs.set("queries_pre_rope", queries(in, false));
      inputs.set("queries", queries(in, true));
    }
    return inputs;
  }

  /** Hidden states times the query projection, {@code [B][H][T][D]}. */
  private static ArrayNode queries(JsonNode in, boolean rotated) {
    int tokens = in.get("T").asInt();
    int size = in.get("D").asInt();
    int width = in.get("hidden").asInt();
    float[] hidden = Golden.floats(in.get("hidden_states"));
    float[] weights = Golden.floats(in.get("q_proj"));
    ArrayNode rows = JSON.arrayNode();
    for (int b = 0; b < in.get("B").asInt(); b++) {
      ArrayNode heads = rows.addArray();
      for (int h = 0; h < in.get("H").asInt(); h++) {
        ArrayNode queries = heads.addArray();
        for (int t = 0; t < tokens; t++) {
          double[] query = new double[size];
          for (int i = 0; i < size * width; i++) {
            query[i / width] +=
                (double) hidden[(b * tokens + t) * width + i % width]
                    * weights[h * size * width + i];
          }
          ArrayNode out = queries.addArray();
          for (int c = 0; c < size; c++) {
            out.add((float) (rotated ? rotated(query, c, t, in) : query[c]));
          }
        }
      }
    }
    return rows;
  }

  private static double rotated(double[] query, int channel, int position, JsonNode in) {
    int half = query.length / 2;
    double angle =
        position * Math.pow(in.get("rope_theta").asDouble(), -(channel % half) / (double) half);
    double partner = channel < half ? -query[channel + half] : query[channel - half];
    return query[channel] * Math.cos(angle) + partner * Math.sin(angle);
  }
}
