package dev.kvpress.runtime.graph;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.runtime.graph.matrix.ConstantMatrix;
import dev.kvpress.runtime.graph.matrix.MatrixFinder;
import dev.kvpress.runtime.graph.matrix.UnreadableMatrix;
import dev.kvpress.runtime.onnx.NodeProto;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The output projection of each layer's attention, {@code [E, H*D]} without its bias, read from the
 * graph's constants when first asked for; quantized ones are dequantized.
 *
 * <p>Own graphs name the place. In others it is the first product that reads the attention's
 * result, with nothing but changes of shape and type between, and a constant on its other side.
 */
public final class OutputProjections {
  private static final Set<String> TRANSPARENT =
      Set.of(
          "Transpose",
          "Reshape",
          "Cast",
          "Identity",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "DynamicQuantizeLinear");
  private static final int MOST_STEPS = 16;

  private final Path folder;
  private final List<ConstantMatrix> matrices = new ArrayList<>();
  private final List<SoftReference<FloatTensor>> read = new ArrayList<>();
  private @Nullable String refusal;

  private OutputProjections(Path folder) {
    this.folder = folder;
  }

  /**
   * Looks for the projections of a graph.
   *
   * @param inputs H*D, what each must take
   */
  public static OutputProjections of(DecoderGraph graph, int inputs) {
    OutputProjections projections = new OutputProjections(graph.folder());
    GraphIndex index = new GraphIndex(graph.model());
    for (int l = 0; l < graph.ports().layers().size() && projections.refusal == null; l++) {
      projections.find(graph, index, inputs, l);
    }
    return projections;
  }

  private void find(DecoderGraph graph, GraphIndex index, int inputs, int position) {
    DecoderInterface ports = graph.ports();
    int layer = ports.layers().get(position).layer();
    NodeProto node;
    if (ports.form() == AttentionForm.FOREIGN) {
      List<TapSites.Site> sites = graph.sites().sites();
      String context = sites.isEmpty() ? null : sites.get(position).context();
      if (context == null) {
        refusal = "the attention of layer " + layer + " was not found in the graph";
        return;
      }
      node = projectionBehind(index, context, 0);
    } else {
      node = ownProjection(index, layer);
    }
    if (node == null) {
      refusal = "no MatMul or Gemm reads the attention of layer " + layer;
      return;
    }
    ConstantMatrix matrix;
    try {
      matrix = new MatrixFinder(index).weight(node);
    } catch (UnreadableMatrix e) {
      refusal =
          "the weight of node %s (%s) behind the attention of layer %d cannot be read: %s"
              .formatted(GraphValues.label(node), node.getOpType(), layer, e.reason());
      return;
    }
    if (matrix.columns() != inputs) {
      refusal =
          "the weight of node %s behind the attention of layer %d takes %d inputs, expected %d (query heads times head size)"
              .formatted(GraphValues.label(node), layer, matrix.columns(), inputs);
      return;
    }
    matrices.add(matrix);
    read.add(new SoftReference<>(null));
  }

  /** A bias that is not a part of the product is added behind it. */
  private static @Nullable NodeProto ownProjection(GraphIndex index, int layer) {
    NodeProto node = index.writer(OwnGraph.value(layer, "attention.output"));
    return node != null && node.getOpType().equals("Add") ? index.writer(node.getInput(0)) : node;
  }

  private static @Nullable NodeProto projectionBehind(GraphIndex index, String value, int steps) {
    for (NodeProto reader : index.readers(value)) {
      boolean first = reader.getInputCount() > 0 && reader.getInput(0).equals(value);
      if (first && MatrixFinder.isProduct(reader)) {
        return reader;
      }
      if (first && TRANSPARENT.contains(reader.getOpType()) && steps < MOST_STEPS) {
        NodeProto behind = projectionBehind(index, reader.getOutput(0), steps + 1);
        if (behind != null) {
          return behind;
        }
      }
    }
    return null;
  }

  /** Why the projections cannot be had; empty where they can. */
  public Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  /**
   * One of them.
   *
   * @param index of the layer among those with a cache
   * @return {@code [E, H*D]}
   * @throws dev.kvpress.runtime.ModelException if its data cannot be read
   * @throws IllegalStateException if {@link #refusal} says why it cannot be had
   */
  public synchronized FloatTensor tensor(int index) {
    if (refusal != null) {
      throw new IllegalStateException(refusal);
    }
    FloatTensor ready = read.get(index).get();
    if (ready == null) {
      ready = matrices.get(index).read(folder);
      // Copies of all layers may be large; those that nobody uses may go.
      read.set(index, new SoftReference<>(ready));
    }
    return ready;
  }
}
