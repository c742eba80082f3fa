package dev.kvpress.compare.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * Writes a seeded random Llama folder ({@code config.json}, {@code model.safetensors}, float32,
 * tied embedding). The same shape and seed give the same bytes on every machine: {@link
 * SplittableRandom} is specified bit by bit and the Box-Muller transform uses {@link StrictMath}.
 */
final class BenchModel {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUFFER_BYTES = 1 << 16;

  private BenchModel() {}

  /** The folder of a model under a cache folder, written if it is not there yet. */
  static Path cached(Path cacheDir, BenchShape shape, long seed) throws IOException {
    Path folder =
        cacheDir.resolve(
            "bench-%d-%d-%d-%d-%d-%d-%d-%d-seed%d"
                .formatted(
                    shape.layers(),
                    shape.hidden(),
                    shape.intermediate(),
                    shape.heads(),
                    shape.kvHeads(),
                    shape.headSize(),
                    shape.vocabulary(),
                    shape.maxPositions(),
                    seed));
    // The configuration is written last, so that a folder which has one is whole.
    if (!Files.exists(folder.resolve("config.json"))) {
      write(folder, shape, seed);
    }
    return folder;
  }

  /** Writes the two files; numbers are made while they are written. */
  static void write(Path folder, BenchShape shape, long seed) throws IOException {
    Files.createDirectories(folder);
    Path unfinished = Files.createTempFile(folder, "model", ".tmp");
    try {
      try (FileChannel out = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
        writeFully(out, header(shape));
        SplittableRandom random = new SplittableRandom(seed);
        for (BenchShape.Weight weight : shape.weights()) {
          writeWeight(out, weight, random);
        }
      }
      Files.move(
          unfinished,
          folder.resolve("model.safetensors"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    Path config = Files.createTempFile(folder, "config", ".tmp");
    Files.writeString(config, config(shape) + "\n");
    Files.move(
        config,
        folder.resolve("config.json"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static ByteBuffer header(BenchShape shape) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    long offset = 0;
    for (BenchShape.Weight weight : shape.weights()) {
      ObjectNode entry = json.putObject(weight.name());
      entry.put("dtype", "F32");
      var sizes = entry.putArray("shape");
      for (int size : weight.shape()) {
        sizes.add(size);
      }
      long end = offset + weight.elements() * Float.BYTES;
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

  private static void writeWeight(
      FileChannel out, BenchShape.Weight weight, SplittableRandom random) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long left = weight.elements(); left > 0; ) {
      buffer.clear();
      for (; left > 0 && buffer.remaining() >= Float.BYTES; left--) {
        buffer.putFloat(weight.std() == 0 ? 1f : (float) (normal(random) * weight.std()));
      }
      writeFully(out, buffer.flip());
    }
  }

  /** Box-Muller; the second number of each pair is not used. */
  private static double normal(SplittableRandom random) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
  }

  private static String config(BenchShape shape) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.putArray("architectures").add("LlamaForCausalLM");
    json.put("model_type", "llama")
        .put("hidden_size", shape.hidden())
        .put("intermediate_size", shape.intermediate())
        .put("num_hidden_layers", shape.layers())
        .put("num_attention_heads", shape.heads())
        .put("num_key_value_heads", shape.kvHeads())
        .put("head_dim", shape.headSize())
        .put("vocab_size", shape.vocabulary())
        .put("max_position_embeddings", shape.maxPositions())
        .put("rms_norm_eps", 1e-5)
        .put("rope_theta", 10_000.0)
        .put("hidden_act", "silu")
        .put("tie_word_embeddings", true)
        .put("attention_bias", false)
        .put("mlp_bias", false)
        .put("bos_token_id", 1)
        .put("eos_token_id", 2)
        .put("torch_dtype", "float32");
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
