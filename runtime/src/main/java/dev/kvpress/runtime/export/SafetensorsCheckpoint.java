package dev.kvpress.runtime.export;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.Architectures;
import dev.kvpress.runtime.export.architecture.TextPart;
import dev.kvpress.runtime.export.packed.PackedLayouts;
import dev.kvpress.runtime.export.packed.PackedMatrix;
import dev.kvpress.runtime.export.weights.StoredBlocks;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.JsonFile;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Hugging Face folder: config.json beside one safetensors file, or several listed in an index.
 */
final class SafetensorsCheckpoint extends Checkpoint {
  static final String CONFIG = "config.json";

  private final Architecture architecture;
  private final List<Path> files;
  private final Map<String, SafetensorsFile.Entry> tensors;
  private final PackedTensors packed;
  private final List<Remark> notices;

  private SafetensorsCheckpoint(
      Architecture architecture,
      List<Path> files,
      Map<String, SafetensorsFile.Entry> tensors,
      PackedTensors packed,
      List<Remark> notices) {
    this.architecture = architecture;
    this.files = files;
    this.tensors = tensors;
    this.packed = packed;
    this.notices = notices;
  }

  static SafetensorsCheckpoint openFolder(Path folder) {
    ForeignFolder.refuseAdapter(folder);
    TextPart part = TextPart.of(JsonFile.read(folder.resolve(CONFIG)));
    // Architecture first: a folder of another kind may have no safetensors at all, and its name is
    // the better answer.
    Architectures.requireKnown(part.config());
    WeightFiles stored = WeightFiles.of(folder);
    TensorNames names = new TensorNames(stored.tensors());
    PackedTensors packed = PackedTensors.of(part.config(), names);
    Architecture architecture =
        Architectures.read(part.config().without(PackedLayouts.FIELD), packed::holds);
    packed.open(architecture, part.config());
    List<TensorSpec> floats = packed.floats(architecture);
    boolean tied = TensorNames.tied(architecture.storedWeights());
    List<SafetensorsFile.Entry> leftOver = packed.without(names.leftOver(floats, tied));
    LeftOver.requirePlainWeights(leftOver);
    Map<String, SafetensorsFile.Entry> tensors = names.resolve(floats, tied, folder.toString());
    checkTensors(floats, tensors);
    List<Remark> notices = new ArrayList<>(stored.notices());
    notices.addAll(packed.notices());
    notices.addAll(LeftOver.requireHarmless(leftOver, architecture, part));
    List<Path> files = new ArrayList<>(List.of(folder.resolve(CONFIG)));
    files.addAll(stored.files());
    return new SafetensorsCheckpoint(
        architecture, List.copyOf(files), tensors, packed, List.copyOf(notices));
  }

  private static void checkTensors(
      List<TensorSpec> floats, Map<String, SafetensorsFile.Entry> tensors) {
    for (TensorSpec spec : floats) {
      SafetensorsFile.Entry entry = requireNonNull(tensors.get(spec.name()));
      String place = entry.file() + ": tensor " + entry.name();
      if (entry.decoder().isEmpty()) {
        throw new ModelException(
            "%s: dtype must be F32, F16 or BF16, found %s; %s"
                .formatted(place, entry.type(), Packing.advice(entry)));
      }
      if (!entry.shape().equals(spec.shape())) {
        throw new ModelException(
            place + ": config.json asks for shape " + spec.shape() + ", found " + entry.shape());
      }
    }
  }

  @Override
  public List<Remark> notices() {
    return notices;
  }

  @Override
  Architecture architecture() {
    return architecture;
  }

  @Override
  public List<Path> files() {
    return files;
  }

  @Override
  void write(TensorSpec weight, WritableByteChannel out) throws IOException {
    for (TensorSpec part : weight.stored()) {
      Optional<PackedMatrix> matrix = packed.matrix(part);
      if (matrix.isPresent()) {
        matrix.get().writeNumbers(out);
        continue;
      }
      SafetensorsFile.Entry entry = tensors.get(part.name());
      if (entry == null || entry.decoder().isEmpty()) {
        throw new IllegalArgumentException("not a weight of this checkpoint: " + part.name());
      }
      try (FileChannel channel = FileChannel.open(entry.file(), StandardOpenOption.READ)) {
        entry.decoder().get().copy(channel, entry.begin(), part.elements(), out);
      }
    }
  }

  @Override
  boolean isQuantized() {
    return !packed.isEmpty();
  }

  @Override
  boolean isPacked(TensorSpec weight) {
    return packed.matrix(weight).isPresent();
  }

  @Override
  Optional<StoredBlocks> blocks(TensorSpec weight) {
    return packed.blocks(weight);
  }

  @Override
  Optional<Stored> stored(TensorSpec weight) {
    return Optional.ofNullable(tensors.get(weight.name()))
        .flatMap(
            entry -> entry.decoder().map(type -> new Stored(entry.file(), type, entry.begin())));
  }
}
