package dev.kvpress.compare.serve.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Parts of answers as the server sends them. */
final class Chunks {
  static final int LAYERS_BY_HEADS = 12;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Chunks() {}

  /** A piece of text, and how many tokens there are with it. */
  static ObjectNode piece(String text, int tokens) {
    ObjectNode chunk = JSON.createObjectNode();
    chunk
        .putArray("choices")
        .addObject()
        .put("index", 0)
        .put("text", text)
        .putNull("finish_reason");
    chunk.putObject("usage").put("completion_tokens", tokens);
    return chunk;
  }

  /** The same in a conversation. */
  static ObjectNode delta(String text) {
    ObjectNode chunk = JSON.createObjectNode();
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    choice.putObject("delta").put("content", text);
    return chunk;
  }

  /** A context and a question of tokens, which some heads hold. */
  static ObjectNode figures(List<String> tokens, List<Double> shares, int promptTokens) {
    int contextTokens = tokens.size() - promptTokens;
    long seen = (long) tokens.size() * LAYERS_BY_HEADS;
    long kept = Math.round(shares.stream().mapToDouble(s -> s).sum() * LAYERS_BY_HEADS);
    ObjectNode chunk = JSON.createObjectNode();
    chunk.putArray("choices");
    ObjectNode choice = chunk.putObject("kvpress").putArray("choices").addObject();
    choice.put("index", 0).put("finish", "max_tokens");
    choice.put("context_tokens", contextTokens).put("prompt_tokens", promptTokens);
    choice.put("seen_tokens", seen).put("kept_tokens", kept);
    choice.put("achieved_ratio", 1 - (double) kept / seen);
    choice
        .putObject("bytes")
        .put("logical", kept * 128)
        .put("physical", 65_536)
        .put("full", seen * 128);
    times(choice, "times_ms").put("first_token", 140).put("decode", 12_340);
    choice.putNull("context_times_ms");
    choice.putArray("notices");
    ObjectNode map = choice.putObject("kept_map");
    ArrayNode texts = map.putArray("text");
    tokens.forEach(texts::add);
    ArrayNode share = map.putArray("share");
    shares.forEach(share::add);
    return chunk;
  }

  /** The request that is answered has read the context too, in the same times again. */
  static ObjectNode withContextRead(ObjectNode figures) {
    times((ObjectNode) figures.at("/kvpress/choices/0"), "context_times_ms");
    return figures;
  }

  private static ObjectNode times(ObjectNode choice, String name) {
    ObjectNode times = choice.putObject(name);
    return times.put("wait", 0.5).put("prefill", 120.25).put("press", 14).put("reading", 1);
  }

  static void notice(ObjectNode figures, String text) {
    ((ArrayNode) figures.at("/kvpress/choices/0/notices")).add(text);
  }
}
