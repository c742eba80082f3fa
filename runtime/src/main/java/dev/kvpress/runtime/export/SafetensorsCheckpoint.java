package dev.kvpress.runtime.export;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.Architectures;
import dev.kvpress.runtime.export.architecture.TensorSpec;
import dev.kvpress.runtime.file.JsonFile;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A Hugging Face folder: config.json beside one safetensors file, or several listed in an index.
 */
final class SafetensorsCheckpoint extends Checkpoint {
  static final String CONFIG = "config.json";
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Architecture architecture;
  private final List<Path> files;
  private final Map<String, SafetensorsFile.Entry> tensors;

  private SafetensorsCheckpoint(
      Architecture architecture, List<Path> files, Map<String, SafetensorsFile.Entry> tensors) {
    this.architecture = architecture;
    this.files = files;
    this.tensors = tensors;
  }

  static SafetensorsCheckpoint openFolder(Path folder) {
    JsonFile json = JsonFile.read(folder.resolve(CONFIG));
    // Architecture first: a folder of another kind may have no safetensors at all, and its name is
    // the better answer.
    Architectures.requireKnown(json);
    List<Path> files = new ArrayList<>(List.of(folder.resolve(CONFIG)));
    Map<String, SafetensorsFile.Entry> tensors = new TreeMap<>();
    if (Files.exists(folder.resolve(SINGLE))) {
      files.add(folder.resolve(SINGLE));
      tensors.putAll(SafetensorsFile.read(folder.resolve(SINGLE)));
    } else if (Files.exists(folder.resolve(INDEX))) {
      files.add(folder.resolve(INDEX));
      readShards(folder, files, tensors);
    } else {
      throw new ModelException(
          folder + ": expected " + SINGLE + " or " + INDEX + " beside config.json, found neither");
    }
    Architecture architecture = Architectures.read(json, tensors::containsKey);
    checkTensors(folder, architecture, tensors);
    return new SafetensorsCheckpoint(architecture, List.copyOf(files), tensors);
  }

  private static void readShards(
      Path folder, List<Path> files, Map<String, SafetensorsFile.Entry> tensors) {
    Path index = folder.resolve(INDEX);
    JsonFile weightMap = JsonFile.read(index).object("weight_map");
    if (weightMap == null) {
      throw new ModelException(index + ": field weight_map is missing");
    }
    Map<String, Map<String, SafetensorsFile.Entry>> shards = new HashMap<>();
    for (Map.Entry<String, JsonNode> row : weightMap.entries()) {
      String shard = row.getValue().asText();
      // A path out of the folder would read a file that the caller did not name.
      if (!shard.endsWith(".safetensors") || shard.contains("/") || shard.contains("\\")) {
        throw new ModelException(
            index
                + ": weight_map "
                + row.getKey()
                + " must name a .safetensors file in the same folder, found "
                + row.getValue());
      }
      Map<String, SafetensorsFile.Entry> entries =
          shards.computeIfAbsent(shard, s -> SafetensorsFile.read(folder.resolve(s)));
      SafetensorsFile.Entry entry = entries.get(row.getKey());
      if (entry == null) {
        throw new ModelException(
            folder.resolve(shard)
                + ": tensor "
                + row.getKey()
                + " is missing, although "
                + INDEX
                + " says it is here");
      }
      tensors.put(row.getKey(), entry);
    }
    new TreeSet<>(shards.keySet()).forEach(shard -> files.add(folder.resolve(shard)));
  }

  private static void checkTensors(
      Path folder, Architecture architecture, Map<String, SafetensorsFile.Entry> tensors) {
    Set<String> used = new HashSet<>();
    for (TensorSpec spec : architecture.storedWeights()) {
      used.add(spec.name());
      SafetensorsFile.Entry entry = tensors.get(spec.name());
      if (entry == null) {
        throw new ModelException(
            folder + ": tensor " + spec.name() + " of shape " + spec.shape() + " is missing");
      }
      String place = entry.file() + ": tensor " + spec.name();
      if (!entry.shape().equals(spec.shape())) {
        throw new ModelException(
            place + ": config.json asks for shape " + spec.shape() + ", found " + entry.shape());
      }
      if (entry.decoder().isEmpty()) {
        throw new ModelException(place + ": dtype must be F32, F16 or BF16, found " + entry.type());
      }
    }
    // A bias or norm that the graph would leave out changes every result, so it is refused instead
    // of ignored.
    for (SafetensorsFile.Entry entry : tensors.values()) {
      String name = entry.name();
      if (!used.contains(name)
          && (name.contains(".self_attn.") || name.contains(".mlp."))
          && !name.endsWith("rotary_emb.inv_freq")) {
        throw new ModelException(
            entry.file()
                + ": tensor "
                + name
                + " has no place in a "
                + architecture.config().architecture()
                + " with this config.json");
      }
    }
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
