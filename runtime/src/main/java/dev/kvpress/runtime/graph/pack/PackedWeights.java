package dev.kvpress.runtime.graph.pack;

import dev.kvpress.runtime.file.FilePieces;
import dev.kvpress.runtime.file.FolderTree;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.Tensors;
import dev.kvpress.runtime.onnx.AttributeProto;
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

/** References of constants to their rearranged copies in the same file. */
public final class PackedWeights {
  /** Numbers of types of 4 bits, signed or not, in ONNX files. */
  private static final Set<Integer> FOUR_BITS = Set.of(21, 22);

  private static final String ENTRY = "prepacked";

  private final Map<TensorProto, List<StringStringEntryProto>> references;

  private PackedWeights(Map<TensorProto, List<StringStringEntryProto>> references) {
    this.references = references;
  }

  /**
   * Whether a graph has operators that are slow on weights as they lie: products of quantized
   * weights, and those of which the engine makes such products when it loads the graph
   * (DequantizeLinear of 4 bits in front of MatMul).
   */
  public static boolean wants(GraphProto graph) {
    return graph.getInitializerList().stream()
            .anyMatch(tensor -> FOUR_BITS.contains(tensor.getDataType()))
        || graph.getNodeList().stream().anyMatch(PackedWeights::wants);
  }

  private static boolean wants(NodeProto node) {
    return PackableNode.isPackable(node)
        || node.getAttributeList().stream().anyMatch(PackedWeights::wants);
  }

  private static boolean wants(AttributeProto attribute) {
    return (attribute.hasG() && wants(attribute.getG()))
        || attribute.getGraphsList().stream().anyMatch(PackedWeights::wants);
  }

  /** The model without references to rearranged copies of its weights. */
  public static ModelProto without(ModelProto model) {
    boolean has =
        Tensors.of(model).stream()
            .flatMap(tensor -> tensor.getExternalDataList().stream())
            .anyMatch(PackedWeights::isReference);
    return has ? Tensors.mapped(model, PackedWeights::without) : model;
  }

  private static TensorProto without(TensorProto tensor) {
    List<StringStringEntryProto> kept =
        tensor.getExternalDataList().stream().filter(entry -> !isReference(entry)).toList();
    return kept.size() == tensor.getExternalDataCount()
        ? tensor
        : tensor.toBuilder().clearExternalData().addAllExternalData(kept).build();
  }

  private static boolean isReference(StringStringEntryProto entry) {
    return entry.getKey().startsWith(ENTRY);
  }

  /**
   * Appends the rearranged copies of weights to the file that holds these.
   *
   * @param nodes whose constants all lie in the file
   * @param file of external data
   */
  public static PackedWeights append(List<PackableNode> nodes, Path file, WeightPacker packer)
      throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is no file name");
    }
    Map<TensorProto, List<StringStringEntryProto>> references = new HashMap<>();
    Set<TensorProto> done = new HashSet<>();
    try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (PackableNode node : nodes) {
        if (!done.add(node.weight())) {
          continue;
        }
        Path scratch = Files.createTempDirectory(folder, "packing");
        try {
          for (WeightPacker.Packed packed :
              packer.pack(node.node(), node.constants(), folder, scratch)) {
            references
                .computeIfAbsent(node.constant(packed.constant()), tensor -> new ArrayList<>())
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
        long offset = FilePieces.nextPage(out.size());
        out.position(offset);
        FilePieces.copy(in, piece.offset(), piece.bytes(), out);
        value.append('|').append(offset).append(';').append(piece.bytes()).append(';');
        value.append(piece.note());
      }
    }
    return GraphBuilder.entry(packed.key(), value.toString());
  }

  /** A model over the same file whose constants refer to their copies. */
  public ModelProto refer(ModelProto model) {
    return Tensors.mapped(model, this::refer);
  }

  /** A constant in the same file that refers to its copies, if it has any. */
  TensorProto refer(TensorProto tensor) {
    List<StringStringEntryProto> entries = references.get(tensor);
    return entries == null ? tensor : tensor.toBuilder().addAllExternalData(entries).build();
  }
}
