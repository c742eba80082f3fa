package dev.kvpress.compare.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.Architectures;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.export.weights.UsedWeight;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.export.weights.WeightPlan;
import dev.kvpress.runtime.export.weights.WeightUse;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.JsonFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Writes a seeded random Hugging Face folder ({@code config.json} and safetensors files) of any
 * architecture that the exporter knows. Numbers are made while they are written, so that a model
 * may be larger than the memory; configuration, format and seed give the same numbers on every
 * machine, however they are divided into files.
 */
public final class BenchModel {
  /** What one safetensors file holds at most, unless it is a single tensor. */
  static final long SHARD_BYTES = 4_000_000_000L;

  private static final long MOST_WIDE_BYTES = 8_000_000_000L;

  private static final ObjectMapper JSON = new ObjectMapper();

  private BenchModel() {}

  /**
   * The folder of a model under a cache folder, written if it is not there yet: float32, or
   * bfloat16 where that would take more than {@value #MOST_WIDE_BYTES} bytes.
   */
  public static Path cached(Path cacheDir, BenchShape shape, long seed) throws IOException {
    boolean wide = Float.BYTES * shape.parameters() <= MOST_WIDE_BYTES;
    NumberFormat format = wide ? NumberFormat.F32 : NumberFormat.BF16;
    Path folder = cacheDir.resolve("bench3-%s-seed%d".formatted(shape.fileName(), seed));
    // The configuration is written last, so that a folder which has one is whole.
    if (!Files.exists(folder.resolve("config.json"))) {
      write(folder, shape.config(), format, seed, SHARD_BYTES);
    }
    return folder;
  }

  /**
   * Writes configuration and weights.
   *
   * @param shardBytes what one file may hold, unless it is a single tensor
   * @throws dev.kvpress.runtime.ModelException if the configuration is not understood
   */
  static void write(Path folder, ObjectNode config, NumberFormat format, long seed, long shardBytes)
      throws IOException {
    Architecture architecture =
        Architectures.read(JsonFile.of(folder + ": config.json", config), tensor -> false);
    List<TensorSpec> weights =
        architecture.storedWeights().stream().flatMap(w -> w.stored().stream()).toList();
    SafetensorsShards shards = new SafetensorsShards(weights, format, shardBytes);
    RandomWeights numbers = new RandomWeights(architecture.config(), format, seed);
    Files.createDirectories(folder);
    for (int shard = 0; shard < shards.count(); shard++) {
      ByteBuffer header = shards.header(shard);
      List<TensorSpec> tensors = shards.tensors(shard);
      AtomicFile.write(
          folder.resolve(shards.fileName(shard)),
          out -> {
            AtomicFile.writeFully(out, header);
            for (TensorSpec tensor : tensors) {
              numbers.write(out, tensor);
            }
          });
    }
    if (shards.count() > 1) {
      text(folder.resolve("model.safetensors.index.json"), shards.index());
    }
    text(folder.resolve("config.json"), config.deepCopy().put("torch_dtype", format.torchName()));
  }

  /**
   * Bytes of weights that a decoding step of an export reads: all of them, but of an embedding that
   * is no projection too a single row, which counts as nothing.
   */
  static long readBytes(BenchShape shape, WeightFormat format) {
    Architecture architecture =
        Architectures.read(JsonFile.of("config.json", shape.config()), tensor -> false);
    List<UsedWeight> read =
        architecture.weights().stream()
            .filter(weight -> !weight.uses().equals(Set.of(WeightUse.PIECES)))
            .toList();
    return WeightPlan.of(read, format, true).bytes();
  }

  private static void text(Path file, ObjectNode json) throws IOException {
    byte[] text =
        (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, out -> AtomicFile.writeFully(out, ByteBuffer.wrap(text)));
  }
}
