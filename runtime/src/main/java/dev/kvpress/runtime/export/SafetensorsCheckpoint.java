package dev.kvpress.runtime.export;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.Architectures;
import dev.kvpress.runtime.export.architecture.TextPart;
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
  private final List<Remark> notices;

  private SafetensorsCheckpoint(
      Architecture architecture,
      List<Path> files,
      Map<String, SafetensorsFile.Entry> tensors,
      List<Remark> notices) {
    this.architecture = architecture;
    this.files = files;
    this.tensors = tensors;
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
    Architecture architecture = Architectures.read(part.config(), names::holds);
    List<SafetensorsFile.Entry> leftOver = names.leftOver(architecture.storedWeights());
    LeftOver.requirePlainWeights(leftOver);
    Map<String, SafetensorsFile.Entry> tensors =
        names.resolve(architecture.storedWeights(), folder.toString());
    checkTensors(architecture, tensors);
    List<Remark> notices = new ArrayList<>(stored.notices());
    notices.addAll(LeftOver.requireHarmless(leftOver, architecture, part));
    List<Path> files = new ArrayList<>(List.of(folder.resolve(CONFIG)));
    files.addAll(stored.files());
    return new SafetensorsCheckpoint(
        architecture, List.copyOf(files), tensors, List.copyOf(notices));
  }

  private static void checkTensors(
      Architecture architecture, Map<String, SafetensorsFile.Entry> tensors) {
    for (TensorSpec spec : architecture.storedWeights()) {
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
  Optional<Stored> stored(TensorSpec weight) {
    return Optional.ofNullable(tensors.get(weight.name()))
        .flatMap(
            entry -> entry.decoder().map(type -> new Stored(entry.file(), type, entry.begin())));
  }
}
