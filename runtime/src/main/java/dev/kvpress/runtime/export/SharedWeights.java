package dev.kvpress.runtime.export;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.export.weights.UsedWeight;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets a graph refer to weights where they lie in a checkpoint. Numbers of 16 bits are widened by a
 * Cast, which ONNX Runtime carries out once, when it loads the graph.
 */
final class SharedWeights {
  private SharedWeights() {}

  /**
   * The model with its weights referring to the checkpoint's files.
   *
   * @throws ModelException if the checkpoint has another layout or lies in another folder
   */
  static ModelProto refer(ModelProto model, Checkpoint checkpoint, Path outputFile)
      throws IOException {
    GraphBuilder added = new GraphBuilder();
    for (UsedWeight used : checkpoint.architecture().weights()) {
      TensorSpec weight = used.spec();
      List<String> stored = new ArrayList<>();
      for (TensorSpec part : weight.stored()) {
        stored.add(refer(weight, part, checkpoint, outputFile, added));
      }
      if (!weight.parts().isEmpty()) {
        // ONNX Runtime joins them once, when it loads the graph, as a copy of its own.
        List<AttributeProto> first = List.of(attribute("axis", 0));
        added.op("Concat", weight.name(), first, stored.toArray(String[]::new));
      }
    }
    GraphProto.Builder graph = model.getGraph().toBuilder();
    graph.addAllInitializer(added.initializers());
    // Before all that reads them: nodes of a graph stand in the order of their work.
    graph.clearNode().addAllNode(added.nodes()).addAllNode(model.getGraph().getNodeList());
    return model.toBuilder().setGraph(graph).build();
  }

  private static String refer(
      TensorSpec weight,
      TensorSpec part,
      Checkpoint checkpoint,
      Path outputFile,
      GraphBuilder added)
      throws IOException {
    Checkpoint.Stored stored =
        checkpoint
            .stored(part)
            .orElseThrow(
                () ->
                    new ModelException(
                        "%s: weights can be shared with a Hugging Face folder of floats only; %s lies here in another layout, export with weights of its own"
                            .formatted(checkpoint.files().get(0), part.name())));
    Path file = requireSameFolder(stored.file(), outputFile);
    DataType type =
        switch (stored.type()) {
          case F32 -> DataType.FLOAT;
          case F16 -> DataType.FLOAT16;
          case BF16 -> DataType.BFLOAT16;
        };
    List<Long> shape = new ArrayList<>(part.shape());
    if (!weight.parts().isEmpty()) {
      shape.add(0, 1L);
    }
    String name = type == DataType.FLOAT ? part.name() : part.name() + ".stored";
    added.initializer(
        GraphBuilder.external(
            name,
            type,
            shape,
            String.valueOf(file.getFileName()),
            stored.offset(),
            part.elements() * stored.type().bytes()));
    return type == DataType.FLOAT
        ? name
        : added.op("Cast", part.name(), List.of(attribute("to", 1)), name);
  }

  /**
   * The weights' own file. References to files elsewhere are refused by ONNX Runtime, links to them
   * too, and would break when one moves.
   */
  private static Path requireSameFolder(Path weights, Path outputFile) throws IOException {
    Path file = weights.toRealPath();
    Path to = outputFile.toAbsolutePath().normalize().getParent();
    if (to != null && Files.isDirectory(to) && Files.isSameFile(file.resolveSibling(""), to)) {
      return file;
    }
    if (Files.isSymbolicLink(weights)) {
      throw new ModelException(
          "%s: weights cannot be shared through links that lead out of the graph's folder (%s is %s), since ONNX Runtime does not follow them; export with weights of its own"
              .formatted(outputFile, weights, file));
    }
    throw new ModelException(
        "%s: a graph that shares weights must lie in their folder; write it to %s"
            .formatted(outputFile, weights.resolveSibling(outputFile.getFileName())));
  }
}
