package dev.kvpress.compare.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.Architectures;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.JsonFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * Writes a seeded random Hugging Face folder ({@code config.json}, {@code model.safetensors} in
 * float32) of any architecture that the exporter knows. The same configuration and seed give the
 * same bytes on every machine: {@link SplittableRandom} is specified bit by bit and the Box-Muller
 * transform uses {@link StrictMath}.
 *
 * <p>Weights are normal with deviation 0.02; projections that end a residual branch are smaller by
 * √(2·layers), so that the residual stream does not grow with depth; those that make queries and
 * keys give them deviation {@value #QUERY_STD} whatever the width, since narrow models would spread
 * their attention evenly otherwise and no press had anything to find; norms are ones, biases zeros.
 */
final class BenchModel {
  private static final double STD = 0.02;
  private static final double QUERY_STD = 1.4;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUFFER_BYTES = 1 << 16;
  private static final Pattern BRANCH_END =
      Pattern.compile(
          ".*\\.(o_proj|down_proj|c_proj|out_proj|fc2|fc_out|w2|dense_4h_to_h|attention\\.dense)\\.weight");

  private static final Pattern QUERIES_OR_KEYS =
      Pattern.compile(".*\\.(q_proj|k_proj|qkv_proj|query_key_value|c_attn|Wqkv)\\.weight");

  private BenchModel() {}

  /** The folder of a model under a cache folder, written if it is not there yet. */
  static Path cached(Path cacheDir, BenchShape shape, long seed) throws IOException {
    Path folder =
        cacheDir.resolve(
            "bench2-%d-%d-%d-%d-%d-%d-%d-%d-seed%d"
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
      write(folder, shape.config(), seed);
    }
    return folder;
  }

  /**
   * Writes the two files; numbers are made while they are written.
   *
   * @throws dev.kvpress.runtime.ModelException if the configuration is not understood
   */
  static void write(Path folder, ObjectNode config, long seed) throws IOException {
    Architecture architecture =
        Architectures.read(JsonFile.of(folder + ": config.json", config), tensor -> false);
    List<TensorSpec> weights = architecture.storedWeights();
    Files.createDirectories(folder);
    Path unfinished = unfinished(folder, "model");
    try {
      try (FileChannel out =
          FileChannel.open(unfinished, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        writeFully(out, header(weights));
        SplittableRandom random = new SplittableRandom(seed);
        for (TensorSpec weight : weights) {
          writeWeight(out, weight, deviation(weight, architecture.config()), random);
        }
      }
      move(unfinished, folder.resolve("model.safetensors"));
    } finally {
      Files.deleteIfExists(unfinished);
    }
    Path text = unfinished(folder, "config");
    Files.writeString(
        text, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
    move(text, folder.resolve("config.json"));
  }

  /** Not a temporary file of the system, which nobody else may read. */
  private static Path unfinished(Path folder, String name) {
    return folder.resolve(name + "-" + ProcessHandle.current().pid() + ".tmp");
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static ByteBuffer header(List<TensorSpec> weights) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    long offset = 0;
    for (TensorSpec weight : weights) {
      ObjectNode entry = json.putObject(weight.name());
      entry.put("dtype", "F32");
      var sizes = entry.putArray("shape");
      weight.shape().forEach(sizes::add);
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

  private static double deviation(TensorSpec weight, DecoderConfig config) {
    if (QUERIES_OR_KEYS.matcher(weight.name()).matches()) {
      return QUERY_STD / Math.sqrt(config.hidden());
    }
    boolean endsBranch = BRANCH_END.matcher(weight.name()).matches();
    return endsBranch ? STD / Math.sqrt(2.0 * config.layers()) : STD;
  }

  private static void writeWeight(
      FileChannel out, TensorSpec weight, double deviation, SplittableRandom random)
      throws IOException {
    boolean vector = weight.shape().size() == 1;
    float constant = weight.name().endsWith(".bias") ? 0 : 1;
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long left = weight.elements(); left > 0; ) {
      buffer.clear();
      for (; left > 0 && buffer.remaining() >= Float.BYTES; left--) {
        buffer.putFloat(vector ? constant : (float) (normal(random) * deviation));
      }
      writeFully(out, buffer.flip());
    }
  }

  /** Box-Muller; the second number of each pair is not used. */
  private static double normal(SplittableRandom random) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
