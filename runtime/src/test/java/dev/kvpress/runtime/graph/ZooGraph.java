package dev.kvpress.runtime.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A small graph as some tool writes it, with figures that were computed without it.
 *
 * @param name name of the kind
 * @param words what it is in words
 * @param tolerance by which figures may be off, relative to 1 + |figure|
 * @param model the figures
 */
public record ZooGraph(String name, String words, double tolerance, JsonNode model) {
  public static final Path FOLDER = Path.of("..", "test-data", "reference", "graphs");

  /** All of them. */
  public static List<ZooGraph> all() {
    JsonNode figures;
    try {
      figures = JsonMapper.builder().build().readTree(FOLDER.resolve("figures.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<ZooGraph> graphs = new ArrayList<>();
    for (String name : (Iterable<String>) figures.get("graphs")::fieldNames) {
      JsonNode graph = figures.get("graphs").get(name);
      graphs.add(
          new ZooGraph(
              name,
              graph.get("words").asText(),
              graph.get("tolerance").asDouble(),
              figures.get("models").get(graph.get("model").asText())));
    }
    return graphs;
  }

  public static ZooGraph named(String name) {
    return all().stream().filter(graph -> graph.name.equals(name)).findFirst().orElseThrow();
  }

  /** The graph, or the folder that holds it beside others. */
  public Path path() {
    Path file = FOLDER.resolve(name + ".onnx");
    return Files.exists(file) ? file : FOLDER.resolve(name);
  }

  /** The text before the cut. */
  public int[] prompt() {
    return tokens(0, model.get("prompt").asInt());
  }

  /** The text behind it. */
  public int[] next() {
    return tokens(model.get("prompt").asInt(), model.get("tokens").size());
  }

  private int[] tokens(int from, int to) {
    return IntStream.range(from, to).map(i -> model.get("tokens").get(i).asInt()).toArray();
  }

  /** Logits behind a token of the prompt. */
  public float[] logits(int token) {
    JsonNode row = model.get("logits").get(token);
    float[] values = new float[row.size()];
    for (int v = 0; v < values.length; v++) {
      values[v] = row.get(v).floatValue();
    }
    return values;
  }

  /** Mean over the next tokens but the first, in nats, after a press has kept half. */
  public double nll(String press) {
    return model.get("nll").get(press).asDouble();
  }

  @Override
  public String toString() {
    return name;
  }
}
