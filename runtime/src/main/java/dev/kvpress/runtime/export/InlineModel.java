package dev.kvpress.runtime.export;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.kvpress.runtime.export.weights.StoredTensor;
import dev.kvpress.runtime.export.weights.WeightForm;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a model with its weights inside, streaming them: a protobuf message needs the lengths of
 * its parts in advance, and these are known without reading a single weight.
 */
final class InlineModel {
  private final List<WeightForm> weights;

  /** What stands in the file before the numbers of each constant, its beginning first. */
  private final List<byte[]> heads = new ArrayList<>();

  /** For each weight the offsets of each of its regions. */
  private final List<List<List<Long>>> places = new ArrayList<>();

  /** For each head its offset. */
  private final List<Long> headOffsets = new ArrayList<>();

  InlineModel(ModelProto model, List<WeightForm> weights) throws IOException {
    this.weights = weights;
    byte[] graph = model.getGraph().toByteArray();
    long graphBytes = graph.length;
    for (WeightForm weight : weights) {
      for (StoredTensor tensor : weight.tensors()) {
        long dataBytes = weight.regionBytes().get(tensor.region());
        graphBytes += head(tensor, dataBytes).length + dataBytes;
      }
    }
    ByteArrayOutputStream start = new ByteArrayOutputStream();
    start.write(model.toBuilder().clearGraph().build().toByteArray());
    start.write(lengthDelimited(ModelProto.GRAPH_FIELD_NUMBER, graphBytes));
    start.write(graph);
    heads.add(start.toByteArray());
    headOffsets.add(0L);
    long end = start.size();
    for (WeightForm weight : weights) {
      List<List<Long>> regions = new ArrayList<>();
      weight.regionBytes().forEach(region -> regions.add(new ArrayList<>()));
      for (StoredTensor tensor : weight.tensors()) {
        long dataBytes = weight.regionBytes().get(tensor.region());
        byte[] head = head(tensor, dataBytes);
        heads.add(head);
        headOffsets.add(end);
        regions.get(tensor.region()).add(end + head.length);
        end += head.length + dataBytes;
      }
      places.add(regions);
    }
  }

  /** Size of the file, as good as exact. */
  static long bytes(List<WeightForm> weights) {
    long bytes = 0;
    for (WeightForm weight : weights) {
      for (StoredTensor tensor : weight.tensors()) {
        bytes += weight.regionBytes().get(tensor.region());
      }
    }
    return bytes;
  }

  /**
   * Everything of a constant up to its numbers: field and length of the constant, its name and
   * shape, field and length of the numbers.
   */
  private static byte[] head(StoredTensor tensor, long dataBytes) throws IOException {
    byte[] description =
        TensorProto.newBuilder()
            .setName(tensor.name())
            .setDataType(tensor.type().getNumber())
            .addAllDims(tensor.dims())
            .build()
            .toByteArray();
    byte[] dataHead = lengthDelimited(TensorProto.RAW_DATA_FIELD_NUMBER, dataBytes);
    long tensorBytes = description.length + dataHead.length + dataBytes;
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(lengthDelimited(GraphProto.INITIALIZER_FIELD_NUMBER, tensorBytes));
    all.write(description);
    all.write(dataHead);
    return all.toByteArray();
  }

  private static byte[] lengthDelimited(int field, long length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream coded = CodedOutputStream.newInstance(bytes);
    coded.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    coded.writeUInt64NoTag(length);
    coded.flush();
    return bytes.toByteArray();
  }

  void write(Checkpoint checkpoint, FileChannel out) throws IOException {
    for (int i = 0; i < heads.size(); i++) {
      out.position(headOffsets.get(i));
      AtomicFile.writeFully(out, ByteBuffer.wrap(heads.get(i)));
    }
    for (int i = 0; i < weights.size(); i++) {
      checkpoint.write(weights.get(i), out, places.get(i));
    }
  }
}
