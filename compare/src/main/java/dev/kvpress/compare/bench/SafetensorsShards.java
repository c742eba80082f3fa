package dev.kvpress.compare.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.export.weights.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Which tensors go into which safetensors file of a checkpoint, and what its files say of it. */
final class SafetensorsShards {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final NumberFormat format;
  private final List<List<TensorSpec>> shards = new ArrayList<>();

  /**
   * Divides tensors, in their order.
   *
   * @param mostBytes what a file may hold; a tensor larger than that has one of its own
   */
  SafetensorsShards(List<TensorSpec> weights, NumberFormat format, long mostBytes) {
    this.format = format;
    long bytes = 0;
    for (TensorSpec weight : weights) {
      bytes += bytes(weight);
      if (shards.isEmpty() || bytes > mostBytes && !last().isEmpty()) {
        shards.add(new ArrayList<>());
        bytes = bytes(weight);
      }
      last().add(weight);
    }
  }

  private List<TensorSpec> last() {
    return shards.get(shards.size() - 1);
  }

  private long bytes(TensorSpec weight) {
    return weight.elements() * format.bytes();
  }

  int count() {
    return shards.size();
  }

  List<TensorSpec> tensors(int shard) {
    return List.copyOf(shards.get(shard));
  }

  /** Name of a file, as Hugging Face's own writer has it. */
  String fileName(int shard) {
    return count() == 1
        ? "model.safetensors"
        : "model-%05d-of-%05d.safetensors".formatted(shard + 1, count());
  }

  /** Header length and header of one file. */
  ByteBuffer header(int shard) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.putObject("__metadata__").put("format", "pt");
    long offset = 0;
    for (TensorSpec weight : shards.get(shard)) {
      ObjectNode entry = json.putObject(weight.name());
      entry.put("dtype", format.name());
      var sizes = entry.putArray("shape");
      weight.shape().forEach(sizes::add);
      long end = offset + bytes(weight);
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] text = JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
    // Numbers start at a multiple of 8 bytes, as other writers of the format have it.
    int padded = (text.length + 7) / 8 * 8;
    ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(padded).put(text);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  /** The index that names each tensor's file; only for more files than one. */
  ObjectNode index() {
    ObjectNode json = JSON.createObjectNode();
    long total = 0;
    ObjectNode files = JSON.createObjectNode();
    for (int shard = 0; shard < count(); shard++) {
      for (TensorSpec weight : shards.get(shard)) {
        total += bytes(weight);
        files.put(weight.name(), fileName(shard));
      }
    }
    json.putObject("metadata").put("total_size", total);
    json.set("weight_map", files);
    return json;
  }
}
