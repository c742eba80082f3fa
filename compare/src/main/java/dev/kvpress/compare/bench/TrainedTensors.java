package dev.kvpress.compare.bench;

import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Made-up trained tensors for a random model, one set for each layer, so that presses which read
 * such run on it. What they say means nothing; their sizes are those of real ones.
 */
final class TrainedTensors {
  /** Units of a surrogate's hidden layer: an eighth of the hidden size, as published ones have. */
  private static final int UNITS = 8;

  /** Channels and keys of a gate, as published ones have. */
  private static final int GATE = 16;

  private static final int PERCENTS = 99;

  private TrainedTensors() {}

  /** The file for a shape, written if it is not there yet. */
  static Path cached(Path cacheDir, BenchShape shape, long seed) throws IOException {
    Path file =
        cacheDir.resolve("bench-trained2-%s-seed%d.safetensors".formatted(shape.fileName(), seed));
    if (!Files.exists(file)) {
      Files.createDirectories(cacheDir);
      List<TensorSpec> tensors = tensors(shape);
      SafetensorsShards shards = new SafetensorsShards(tensors, NumberFormat.F32, Long.MAX_VALUE);
      ByteBuffer header = shards.header(0);
      SplittableRandom random = new SplittableRandom(seed);
      AtomicFile.write(
          file,
          out -> {
            AtomicFile.writeFully(out, header);
            for (TensorSpec tensor : tensors) {
              AtomicFile.writeFully(out, numbers(tensor, random));
            }
          });
    }
    return file;
  }

  private static List<TensorSpec> tensors(BenchShape shape) {
    long heads = shape.heads();
    long groups = shape.kvHeads();
    long size = shape.headSize();
    long units = Math.max(1, shape.hidden() / UNITS);
    List<TensorSpec> tensors = new ArrayList<>();
    for (int layer = 0; layer < shape.layers(); layer++) {
      String prefix = "layers." + layer + ".";
      tensors.add(TensorSpec.of(prefix + "q_filters", groups, size));
      tensors.add(TensorSpec.of(prefix + "duo_head_scores", groups));
      tensors.add(TensorSpec.of(prefix + "expected_attention_mean", heads, size));
      tensors.add(TensorSpec.of(prefix + "expected_attention_covariance", heads, size, size));
      tensors.add(TensorSpec.of(prefix + "triattention.query_mean", heads, size));
      tensors.add(TensorSpec.of(prefix + "triattention.query_length", heads, size));
      tensors.add(TensorSpec.of(prefix + "kvzap.hidden_weight", units, shape.hidden()));
      tensors.add(TensorSpec.of(prefix + "kvzap.hidden_bias", units));
      tensors.add(TensorSpec.of(prefix + "kvzap.weight", groups, units));
      tensors.add(TensorSpec.of(prefix + "kvzap.bias", groups));
      tensors.add(TensorSpec.of(prefix + "fastkvzip.q_proj.weight", heads * GATE, shape.hidden()));
      tensors.add(TensorSpec.of(prefix + "fastkvzip.q_proj.bias", heads * GATE));
      tensors.add(TensorSpec.of(prefix + "fastkvzip.k_proj.weight", groups * GATE, shape.hidden()));
      tensors.add(TensorSpec.of(prefix + "fastkvzip.q_norm.weight", GATE));
      tensors.add(TensorSpec.of(prefix + "fastkvzip.k_norm.weight", GATE));
      tensors.add(TensorSpec.of(prefix + "fastkvzip.k_base", groups, 1, GATE, GATE));
      tensors.add(TensorSpec.of(prefix + "fastkvzip.b", groups, 1, heads / groups));
      tensors.add(TensorSpec.of(prefix + "lukv.curve", PERCENTS, groups));
    }
    return tensors;
  }

  /** Of a covariance the unit matrix, of everything else small numbers above 0. */
  private static ByteBuffer numbers(TensorSpec tensor, SplittableRandom random) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(Float.BYTES * tensor.elements()))
            .order(ByteOrder.LITTLE_ENDIAN);
    boolean covariance = tensor.name().endsWith("covariance");
    long size = tensor.shape().get(tensor.shape().size() - 1);
    for (long i = 0; i < tensor.elements(); i++) {
      boolean diagonal = i / size % size == i % size;
      bytes.putFloat(covariance ? (diagonal ? 1 : 0) : (float) random.nextDouble(0.01, 0.99));
    }
    return bytes.flip();
  }
}
