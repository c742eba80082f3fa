package dev.kvpress.runtime.export;

import dev.kvpress.runtime.export.architecture.TensorSpec;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each weight lies in a file of external data: one after another, each on a page of its own
 * so that it can be mapped.
 */
final class WeightLayout {
  private static final long PAGE = 4096;

  private final List<TensorSpec> weights;
  private final List<Long> offsets = new ArrayList<>();
  private final long fileBytes;

  WeightLayout(List<TensorSpec> weights) {
    this.weights = weights;
    long end = 0;
    for (TensorSpec weight : weights) {
      long offset = (end + PAGE - 1) / PAGE * PAGE;
      offsets.add(offset);
      end = offset + weight.elements() * Float.BYTES;
    }
    fileBytes = end;
  }

  long fileBytes() {
    return fileBytes;
  }

  /** Constants that refer to a file of this layout. */
  List<TensorProto> references(String fileName) {
    List<TensorProto> tensors = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      TensorSpec weight = weights.get(i);
      tensors.add(
          GraphBuilder.external(
              weight.name(),
              ElementType.FLOAT32,
              weight.shape(),
              fileName,
              offsets.get(i),
              weight.elements() * Float.BYTES));
    }
    return tensors;
  }

  /** Writes the file. */
  void write(Checkpoint checkpoint, FileChannel out) throws IOException {
    for (int i = 0; i < weights.size(); i++) {
      // Gaps between pages become zeros.
      out.position(offsets.get(i));
      checkpoint.write(weights.get(i), out);
    }
  }
}
