package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the graph that somebody means who names a file, a folder, or a repository with its graphs
 * in {@code onnx/}.
 */
final class GraphFinder {
  private static final String GRAPH = ".onnx";
  private static final String FOLDER = "onnx";

  /** What a graph without variants is called, the best first. */
  private static final List<String> PLAIN =
      List.of(
          "model.onnx",
          "decoder_model_merged.onnx",
          "decoder_with_past_model.onnx",
          "decoder_model.onnx",
          "decoder.onnx");

  private GraphFinder() {}

  /**
   * A graph.
   *
   * @param file where it is
   * @param notice what to say about the choice, if there was one
   */
  record Found(Path file, Optional<Remark> notice) {}

  /**
   * Looks for a graph.
   *
   * @param named a graph, or a folder as {@link ModelFolder} finds it
   * @return empty if the model is none, but perhaps a checkpoint
   * @throws ModelException if there are several and none is the plain one
   */
  static Optional<Found> find(Path named) {
    if (!Files.isDirectory(named)) {
      return named.toString().endsWith(GRAPH)
          ? Optional.of(new Found(named, Optional.empty()))
          : Optional.empty();
    }
    Path model = ModelFolder.resolve(named);
    if (isCheckpoint(model)) {
      return Optional.empty();
    }
    for (Path folder : List.of(model, model.resolve(FOLDER))) {
      List<Path> graphs = graphs(folder);
      if (!graphs.isEmpty()) {
        return Optional.of(choose(model, graphs));
      }
    }
    return Optional.empty();
  }

  private static boolean isCheckpoint(Path folder) {
    return Files.exists(folder.resolve("config.json"))
        && (Files.exists(folder.resolve("model.safetensors"))
            || Files.exists(folder.resolve("model.safetensors.index.json")));
  }

  private static List<Path> graphs(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).endsWith(GRAPH))
          .filter(file -> !Files.isDirectory(file))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new ModelException(folder + ": cannot list the folder: " + FileFaults.reason(e), e);
    }
  }

  private static Found choose(Path model, List<Path> graphs) {
    if (graphs.size() == 1) {
      return new Found(graphs.get(0), Optional.empty());
    }
    for (String name : PLAIN) {
      for (Path graph : graphs) {
        if (String.valueOf(graph.getFileName()).equals(name)) {
          List<String> others = new ArrayList<>(names(model, graphs));
          others.remove(name(model, graph));
          return new Found(
              graph,
              Optional.of(
                  Remark.onFigures(
                      "takes %s of %d graphs; --model %s takes another (there are %s)"
                          .formatted(
                              name(model, graph),
                              graphs.size(),
                              model.resolve(others.get(0)),
                              String.join(", ", others)))));
        }
      }
    }
    throw new ModelException(
        "%s: found %d graphs and none called %s; name one of them, for instance --model %s (there are %s)"
            .formatted(
                model,
                graphs.size(),
                PLAIN.get(0),
                graphs.get(0),
                String.join(", ", names(model, graphs))));
  }

  private static List<String> names(Path model, List<Path> graphs) {
    return graphs.stream().map(graph -> name(model, graph)).toList();
  }

  private static String name(Path model, Path graph) {
    return model.relativize(graph).toString();
  }
}
