package dev.kvpress.runtime.export;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.kvpress.runtime.export.architecture.TensorSpec;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
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
  private final ModelProto shell;
  private final byte[] graph;
  private final List<TensorSpec> weights;
  private final List<byte[]> heads = new ArrayList<>();
  private long graphBytes;

  InlineModel(ModelProto model, List<TensorSpec> weights) throws IOException {
    this.shell = model.toBuilder().clearGraph().build();
    this.graph = model.getGraph().toByteArray();
    this.weights = weights;
    graphBytes = graph.length;
    for (TensorSpec weight : weights) {
      byte[] head = head(weight);
      heads.add(head);
      graphBytes += head.length + weight.elements() * Float.BYTES;
    }
  }

  /** Size of the file, as good as exact. */
  static long bytes(List<TensorSpec> weights) {
    return weights.stream().mapToLong(w -> w.elements() * Float.BYTES).sum();
  }

  /**
   * Everything of a constant up to its numbers: field and length of the constant, its name and
   * shape, field and length of the numbers.
   */
  private static byte[] head(TensorSpec weight) throws IOException {
    byte[] description =
        TensorProto.newBuilder()
            .setName(weight.name())
            .setDataType(DataType.FLOAT.getNumber())
            .addAllDims(weight.shape())
            .build()
            .toByteArray();
    long dataBytes = weight.elements() * Float.BYTES;
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
    AtomicFile.writeFully(out, ByteBuffer.wrap(shell.toByteArray()));
    AtomicFile.writeFully(
        out, ByteBuffer.wrap(lengthDelimited(ModelProto.GRAPH_FIELD_NUMBER, graphBytes)));
    AtomicFile.writeFully(out, ByteBuffer.wrap(graph));
    for (int i = 0; i < weights.size(); i++) {
      AtomicFile.writeFully(out, ByteBuffer.wrap(heads.get(i)));
      checkpoint.write(weights.get(i), out);
    }
  }
}
