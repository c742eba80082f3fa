package dev.kvpress.runtime.graph.pack;

import dev.kvpress.runtime.file.FilePieces;
import dev.kvpress.runtime.graph.ExternalData;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.Tensors;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes constants one after another into a file of external data, each on a page of its own.
 *
 * @param source folder that their present references are relative to
 * @param out the file
 * @param name what references call it
 */
record WeightWriter(Path source, FileChannel out, String name) {
  /** Copies the bytes of a constant and gives it as it refers to them. */
  TensorProto write(TensorProto tensor) throws IOException {
    long bytes = Tensors.bytes(tensor);
    long offset = FilePieces.nextPage(out.size());
    out.position(offset);
    if (ExternalData.isExternal(tensor)) {
      copy(tensor, bytes);
    } else {
      for (ByteBuffer part : tensor.getRawData().asReadOnlyByteBufferList()) {
        while (part.hasRemaining()) {
          out.write(part);
        }
      }
    }
    return tensor.toBuilder()
        .clearRawData()
        .clearExternalData()
        .setDataLocation(DataLocation.EXTERNAL)
        .addExternalData(GraphBuilder.entry("location", name))
        .addExternalData(GraphBuilder.entry("offset", Long.toString(offset)))
        .addExternalData(GraphBuilder.entry("length", Long.toString(bytes)))
        .build();
  }

  private void copy(TensorProto tensor, long bytes) throws IOException {
    Path file = ExternalData.resolve(tensor, source);
    long offset = ExternalData.number(tensor, "offset", 0);
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      FilePieces.copy(in, offset, bytes, out);
    }
  }
}
