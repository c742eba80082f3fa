package dev.kvpress.runtime.graph.pack;

import dev.kvpress.runtime.graph.ExternalData;
import dev.kvpress.runtime.graph.Tensors;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Which constants of a graph go into a file that all its sessions map: those that the engine
 * rearranges, and large ones that stand in the graph itself, of which each session would hold a
 * copy of its own.
 *
 * @param tensors in the order of the file, each once
 * @param nodes whose constants are rearranged, all among the tensors
 */
record CopyPlan(List<TensorProto> tensors, List<PackableNode> nodes) {
  /** A constant inside the graph that is smaller is not worth a page. */
  private static final int LEAST_INSIDE_BYTES = 1 << 16;

  CopyPlan {
    tensors = List.copyOf(tensors);
    nodes = List.copyOf(nodes);
  }

  static CopyPlan of(ModelProto model) {
    Set<TensorProto> tensors = new LinkedHashSet<>();
    List<PackableNode> nodes = new ArrayList<>();
    for (PackableNode node : PackableNode.of(model.getGraph())) {
      if (node.constants().stream().allMatch(CopyPlan::isPlain)) {
        nodes.add(node);
        tensors.addAll(node.constants());
      }
    }
    for (TensorProto tensor : Tensors.initializers(model)) {
      if (tensor.getRawData().size() >= LEAST_INSIDE_BYTES && isPlain(tensor)) {
        tensors.add(tensor);
      }
    }
    return new CopyPlan(new ArrayList<>(tensors), nodes);
  }

  /** Whether the bytes of a constant can be copied as they are. */
  private static boolean isPlain(TensorProto tensor) {
    long bytes = Tensors.bytes(tensor);
    return bytes >= 0 && (ExternalData.isExternal(tensor) || tensor.getRawData().size() == bytes);
  }

  /** Whether nothing else of a model lies in files. */
  boolean holdsAllData(ModelProto model) {
    Set<TensorProto> held = new HashSet<>(tensors);
    return Tensors.of(model).stream()
        .noneMatch(tensor -> ExternalData.isExternal(tensor) && !held.contains(tensor));
  }

  long bytes() {
    return tensors.stream().mapToLong(Tensors::bytes).sum();
  }

  /**
   * What a copy has to be a copy of, apart from the model's hash: a copy that was made by another
   * plan, perhaps of another version of this program, is never taken for one by this.
   */
  String description() {
    StringBuilder text = new StringBuilder();
    for (TensorProto tensor : tensors) {
      text.append(tensor.getName()).append(' ').append(tensor.getDataType());
      text.append(' ').append(tensor.getDimsList()).append(' ');
      if (ExternalData.isExternal(tensor)) {
        tensor
            .getExternalDataList()
            .forEach(e -> text.append(e.getKey()).append('=').append(e.getValue()).append(' '));
      } else {
        CRC32C checksum = new CRC32C();
        tensor.getRawData().asReadOnlyByteBufferList().forEach(checksum::update);
        text.append(checksum.getValue());
      }
      text.append('\n');
    }
    nodes.forEach(node -> text.append(node.node().getAttributeList()).append('\n'));
    return text.toString();
  }
}
