package dev.kvpress.runtime.export.weights;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One weight as a graph holds and reads it, under its own name where nothing else is said. */
public interface WeightForm {

  /** A weight as float32, under its own name. */
  static WeightForm wide(TensorSpec spec) {
    return new WideForm(spec);
  }

  /** x · Wᵀ or, turned, x · W (+ b) with W any value. */
  static void gemm(
      GraphBuilder graph,
      String output,
      String x,
      String weight,
      boolean turned,
      @Nullable String bias) {
    List<AttributeProto> attributes = turned ? List.of() : List.of(attribute("transB", 1));
    if (bias == null) {
      graph.op("Gemm", output, attributes, x, weight);
    } else {
      graph.op("Gemm", output, attributes, x, weight, bias);
    }
  }

  /** Which weight. */
  TensorSpec spec();

  /** The constants that hold it. */
  List<StoredTensor> tensors();

  /** Bytes of each piece of data that the constants show. */
  List<Long> regionBytes();

  /** Adds what must stand in the graph once before the weight is read. */
  default void prepare(GraphBuilder graph) {}

  /**
   * Adds its product with rows of numbers, {@code [n,in] → [n,out]}.
   *
   * @param output name of the result
   * @param x {@code [n,in]}
   * @param turned whether the weight is {@code [in,out]}
   * @param bias {@code [out]}
   */
  default void product(
      GraphBuilder graph, String output, String x, boolean turned, @Nullable String bias) {
    gemm(graph, output, x, spec().name(), turned, bias);
  }

  /**
   * Adds its pieces along the first axis at some indices.
   *
   * @param output name of the result, {@code indices.shape + weight.shape[1:]} of float32
   * @param indices int64
   */
  default void pieces(GraphBuilder graph, String output, String indices) {
    graph.op("Gather", output, spec().name(), indices);
  }

  /**
   * Writes its data.
   *
   * @param numbers where they come from
   * @param regions where each piece of data goes, in the order of {@link #regionBytes}
   */
  void write(Numbers numbers, List<WritableByteChannel> regions) throws IOException;

  /** A weight's numbers. */
  @FunctionalInterface
  interface Numbers {
    /** Copies them as little-endian float32 in row-major order. */
    void copyTo(WritableByteChannel out) throws IOException;
  }
}
