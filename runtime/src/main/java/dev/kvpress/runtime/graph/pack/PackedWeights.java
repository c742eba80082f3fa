package dev.kvpress.runtime.graph.pack;

import dev.kvpress.runtime.file.FolderTree;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.StringStringEntryProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** References of a model's constants to their rearranged copies in the same file. */
public final class PackedWeights {
  private static final String PACKABLE = "MatMulNBits";
  private static final long PAGE = 4096;

  private final Map<String, List<StringStringEntryProto>> references;

  private PackedWeights(Map<String, List<StringStringEntryProto>> references) {
    this.references = references;
  }

  /** Whether a graph has operators that work on rearranged weights, bodies not counted. */
  public static boolean wants(GraphProto graph) {
    return graph.getNodeList().stream().anyMatch(node -> node.getOpType().equals(PACKABLE));
  }

  /** Whether all such weights of a graph have rearranged copies. */
  public static boolean has(GraphProto graph) {
    Map<String, TensorProto> constants = constants(graph);
    return graph.getNodeList().stream()
        .filter(node -> node.getOpType().equals(PACKABLE))
        .map(node -> constants.get(node.getInput(1)))
        .allMatch(
            tensor ->
                tensor != null
                    && tensor.getExternalDataList().stream()
                        .anyMatch(entry -> entry.getKey().startsWith("prepacked_")));
  }

  /**
   * Appends the rearranged copies of a model's weights to the file that holds these.
   *
   * @param model with all its packable weights in the file
   * @param file of external data
   */
  public static PackedWeights append(ModelProto model, Path file, WeightPacker packer)
      throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is no file name");
    }
    Map<String, TensorProto> constants = constants(model.getGraph());
    Map<String, List<StringStringEntryProto>> references = new HashMap<>();
    Set<String> done = new HashSet<>();
    try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (NodeProto node : model.getGraph().getNodeList()) {
        if (!node.getOpType().equals(PACKABLE) || !done.add(node.getInput(1))) {
          continue;
        }
        List<TensorProto> read = new ArrayList<>();
        for (String input : node.getInputList().subList(1, node.getInputCount())) {
          if (constants.containsKey(input)) {
            read.add(constants.get(input));
          }
        }
        Path scratch = Files.createTempDirectory(folder, "packing");
        try {
          for (WeightPacker.Packed packed : packer.pack(node, read, folder, scratch)) {
            references
                .computeIfAbsent(packed.constant(), name -> new ArrayList<>())
                .add(copy(packed, out));
          }
        } finally {
          FolderTree.delete(scratch);
        }
      }
      out.force(true);
    }
    return new PackedWeights(references);
  }

  private static StringStringEntryProto copy(WeightPacker.Packed packed, FileChannel out)
      throws IOException {
    StringBuilder value = new StringBuilder(packed.hash());
    try (FileChannel in = FileChannel.open(packed.file(), StandardOpenOption.READ)) {
      for (WeightPacker.Piece piece : packed.pieces()) {
        long offset = (out.size() + PAGE - 1) / PAGE * PAGE;
        out.position(offset);
        long copied = 0;
        while (copied < piece.bytes()) {
          copied += in.transferTo(piece.offset() + copied, piece.bytes() - copied, out);
        }
        value.append('|').append(offset).append(';').append(piece.bytes()).append(';');
        value.append(piece.note());
      }
    }
    return GraphBuilder.entry(packed.key(), value.toString());
  }

  private static Map<String, TensorProto> constants(GraphProto graph) {
    Map<String, TensorProto> constants = new HashMap<>();
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
    return constants;
  }

  /** A model over the same file whose constants refer to their copies. */
  public ModelProto refer(ModelProto model) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      List<StringStringEntryProto> entries = references.get(graph.getInitializer(i).getName());
      if (entries != null) {
        graph.getInitializerBuilder(i).addAllExternalData(entries);
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }
}
