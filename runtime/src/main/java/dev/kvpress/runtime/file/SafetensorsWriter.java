package dev.kvpress.runtime.file;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes a safetensors file out of tensors that lie in memory, without a second copy of them, with
 * a hash over all of it in the header.
 *
 * <p>The numbers begin on a page of their own, so that they can be mapped.
 */
public final class SafetensorsWriter {
  private static final int LENGTH_BYTES = 8;

  private SafetensorsWriter() {}

  /**
   * Writes a file from its first byte on.
   *
   * @param metadata texts that stand beside the tensors
   * @param seal which of them takes the hash of the file
   */
  public static void write(
      FileChannel out, List<FileTensor> tensors, Map<String, String> metadata, String seal)
      throws IOException {
    byte[] header = header(tensors, metadata, seal);
    ContentSeal hash = new ContentSeal();
    ByteBuffer first =
        ByteBuffer.allocate(LENGTH_BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
    first.putLong(header.length).put(header).flip();
    hash.add(first.duplicate());
    AtomicFile.writeFully(out, first);
    for (FileTensor tensor : tensors) {
      for (ByteBuffer piece : tensor.pieces()) {
        hash.add(piece.duplicate());
        AtomicFile.writeFully(out, piece.duplicate());
      }
    }
    int at = LENGTH_BYTES + ContentSeal.place(header, seal);
    out.write(ByteBuffer.wrap(hash.hex().getBytes(StandardCharsets.US_ASCII)), at);
  }

  private static byte[] header(List<FileTensor> tensors, Map<String, String> metadata, String seal)
      throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ObjectNode texts = root.putObject("__metadata__");
    // In front, so that no text of others can stand where the hash is looked for.
    texts.put(seal, ContentSeal.OPEN);
    metadata.forEach(texts::put);
    long at = 0;
    for (FileTensor tensor : tensors) {
      ObjectNode entry = root.putObject(tensor.name());
      entry.put("dtype", tensor.type());
      ArrayNode shape = entry.putArray("shape");
      tensor.shape().forEach(shape::add);
      entry.putArray("data_offsets").add(at).add(at + tensor.bytes());
      at += tensor.bytes();
    }
    byte[] json = JsonMapper.builder().build().writeValueAsBytes(root);
    byte[] padded =
        Arrays.copyOf(
            json, Math.toIntExact(FilePieces.nextPage(LENGTH_BYTES + json.length) - LENGTH_BYTES));
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }
}
