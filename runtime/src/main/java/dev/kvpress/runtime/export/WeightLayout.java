package dev.kvpress.runtime.export;

import dev.kvpress.runtime.export.weights.StoredTensor;
import dev.kvpress.runtime.export.weights.WeightForm;
import dev.kvpress.runtime.file.FilePieces;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each weight lies in a file of external data: one piece after another, each on a page of its
 * own so that it can be mapped.
 */
final class WeightLayout {
  private final List<WeightForm> weights;
  private final List<List<Long>> offsets = new ArrayList<>();
  private final long fileBytes;

  WeightLayout(List<WeightForm> weights) {
    this.weights = weights;
    long end = 0;
    for (WeightForm weight : weights) {
      List<Long> regions = new ArrayList<>();
      for (long bytes : weight.regionBytes()) {
        long offset = FilePieces.nextPage(end);
        regions.add(offset);
        end = offset + bytes;
      }
      offsets.add(regions);
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
      WeightForm weight = weights.get(i);
      for (StoredTensor tensor : weight.tensors()) {
        tensors.add(
            GraphBuilder.external(
                tensor.name(),
                tensor.type(),
                tensor.dims(),
                fileName,
                offsets.get(i).get(tensor.region()),
                weight.regionBytes().get(tensor.region())));
      }
    }
    return tensors;
  }

  /** Writes the file. Gaps between pages become zeros. */
  void write(Checkpoint checkpoint, FileChannel out) throws IOException {
    for (int i = 0; i < weights.size(); i++) {
      List<List<Long>> places = offsets.get(i).stream().map(List::of).toList();
      checkpoint.write(weights.get(i), out, places);
    }
  }
}
