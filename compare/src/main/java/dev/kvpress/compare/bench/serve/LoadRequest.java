package dev.kvpress.compare.bench.serve;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A completion that is asked for, the same at any time: greedy, or drawn with a seed.
 *
 * @param model name of the model as the server lists it
 * @param maxTokens tokens to generate
 * @param temperature 0 for greedy
 * @param seed of the draws
 */
record LoadRequest(String model, String prompt, int maxTokens, double temperature, long seed) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** The body of the request. */
  String body(boolean stream) {
    ObjectNode body = MAPPER.createObjectNode();
    body.put("model", model).put("prompt", prompt).put("max_tokens", maxTokens);
    body.put("temperature", temperature).put("seed", seed);
    return body.put("stream", stream).toString();
  }
}
