package dev.kvpress.runtime.export;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.export.weights.StoredBlocks;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.export.weights.WeightForm;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.export.weights.WeightPlan;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.file.ModelFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A decoder's configuration and weights on disk.
 *
 * <p>Weights are named as in Hugging Face folders of the architecture and come in their layout,
 * whatever the file's own. Opening checks the presence, type and shape of every weight that the
 * configuration asks for; numbers are read when they are written out, a piece at a time.
 */
public abstract sealed class Checkpoint
    permits SafetensorsCheckpoint, Llama2cCheckpoint, AdaptedCheckpoint {

  Checkpoint() {}

  /**
   * Opens a checkpoint.
   *
   * @param model a Hugging Face folder (config.json beside model.safetensors or
   *     model.safetensors.index.json), a llama2.c {@code .bin} file, or a folder with exactly one
   *     such file; also the folder of one of these in the hub's cache
   * @throws ModelException if it is none of these, or damaged, or of an unsupported architecture
   */
  public static Checkpoint open(Path model) {
    if (Files.isDirectory(model)) {
      return openFolder(ModelFolder.resolve(model));
    }
    if (!Files.exists(model)) {
      throw new ModelException(
          model + ": no such file or folder; expected a Hugging Face folder or a llama2.c .bin");
    }
    String name = String.valueOf(model.getFileName());
    if (name.endsWith(".bin") && !Llama2cCheckpoint.isPickled(model)) {
      return Llama2cCheckpoint.openFile(model);
    }
    throw new ModelException(
        model
            + ": expected a folder with config.json and model.safetensors, or a llama2.c .bin"
            + (name.endsWith(".safetensors")
                ? "; give the folder of this file"
                : ForeignFolder.advice(model).map(advice -> "; " + advice).orElse("")));
  }

  /**
   * A checkpoint through which the trained tokens of a folder pass: the folder's LoRA adapter is
   * merged into its layers, and its vocabulary is the {@code n} trained embeddings.
   *
   * @param model a Hugging Face folder
   * @param tokens folder with restore_embeddings.safetensors, adapter_config.json and
   *     adapter_model.safetensors
   * @throws ModelException if the one is not made for the other, or if more is asked of the sum
   */
  public static Checkpoint adapted(Path model, Path tokens) {
    return AdaptedCheckpoint.open(model, tokens);
  }

  private static Checkpoint openFolder(Path folder) {
    // A link to nothing counts: reading it says what is wrong.
    if (Files.exists(folder.resolve(SafetensorsCheckpoint.CONFIG), LinkOption.NOFOLLOW_LINKS)) {
      return SafetensorsCheckpoint.openFolder(folder);
    }
    ForeignFolder.refuseAdapter(folder);
    return Llama2cCheckpoint.openFolder(folder);
  }

  /** The kind of decoder, which writes its graph. */
  abstract Architecture architecture();

  /** Shape and constants of the decoder. */
  public final DecoderConfig config() {
    return architecture().config();
  }

  /** How every weight that the decoder uses is stored in an export of a format. */
  final WeightPlan plan(WeightFormat format, boolean widensOnce) {
    WeightFormat settled =
        format == WeightFormat.STORED && !isQuantized() ? WeightFormat.F32 : format;
    return WeightPlan.of(architecture().weights(), this::blocks, settled, widensOnce);
  }

  /** Whether some of its weights are whole numbers with scales. */
  boolean isQuantized() {
    return false;
  }

  /** Whether a weight is one of these. */
  boolean isPacked(TensorSpec weight) {
    return false;
  }

  /**
   * A weight in blocks, where the file holds it so that they can be used as they are.
   *
   * @param weight one that the file holds as a weight of its own
   */
  Optional<StoredBlocks> blocks(TensorSpec weight) {
    return Optional.empty();
  }

  /**
   * The types of its numbers and what they take in each format.
   *
   * @param widensOnce whether halves are stored as the float32 that the engine would make of them,
   *     as the cache of exports does
   */
  public final WeightSizes weightSizes(boolean widensOnce) {
    EnumSet<FloatDecoder> types = EnumSet.noneOf(FloatDecoder.class);
    for (TensorSpec weight : architecture().storedWeights()) {
      if (!isPacked(weight)) {
        // What lies in another layout is a llama2.c file, and float32.
        types.add(stored(weight).map(Stored::type).orElse(FloatDecoder.F32));
      }
    }
    Map<WeightFormat, Long> bytes = new EnumMap<>(WeightFormat.class);
    for (WeightFormat format : WeightFormat.values()) {
      bytes.put(format, plan(format, widensOnce).bytes());
    }
    return new WeightSizes(types, isQuantized(), bytes);
  }

  /**
   * The files that make the checkpoint, in a fixed order; their content decides what is exported.
   */
  public abstract List<Path> files();

  /** What is worth saying of how the files were read; the numbers are right either way. */
  public List<Remark> notices() {
    return List.of();
  }

  /**
   * Writes one weight as little-endian float32, row-major.
   *
   * @param weight one that the decoder uses
   * @param out where the numbers go
   * @throws IOException if reading or writing fails
   */
  abstract void write(TensorSpec weight, WritableByteChannel out) throws IOException;

  /**
   * Writes one weight in a form into a file.
   *
   * @param places of each region of the form, the offsets at which it is written
   */
  final void write(WeightForm form, FileChannel out, List<List<Long>> places) throws IOException {
    List<RegionChannel> regions = new ArrayList<>();
    for (int r = 0; r < places.size(); r++) {
      regions.add(new RegionChannel(out, places.get(r), form.regionBytes().get(r)));
    }
    form.write(channel -> write(form.spec(), channel), List.copyOf(regions));
    regions.forEach(RegionChannel::requireFull);
  }

  /**
   * Where a weight lies as graphs want it, so that a graph can refer to it; empty where the file
   * has another layout.
   *
   * @param weight one that the decoder uses
   */
  Optional<Stored> stored(TensorSpec weight) {
    return Optional.empty();
  }

  /**
   * A weight in a file.
   *
   * @param file where it lies
   * @param type how its numbers are stored, little-endian and row-major
   * @param offset first byte
   */
  record Stored(Path file, FloatDecoder type, long offset) {}
}
