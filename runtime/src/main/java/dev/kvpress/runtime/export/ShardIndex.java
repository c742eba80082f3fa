package dev.kvpress.runtime.export;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.JsonFile;
import dev.kvpress.runtime.file.SafetensorsFile;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An index that says which of several safetensors files holds which tensor. */
final class ShardIndex {
  private final Path index;
  private final Map<String, String> shardOf = new LinkedHashMap<>();

  private ShardIndex(Path index) {
    this.index = index;
  }

  static ShardIndex read(Path index) {
    JsonFile weightMap = JsonFile.read(index).object("weight_map");
    if (weightMap == null) {
      throw new ModelException(index + ": field weight_map is missing");
    }
    ShardIndex read = new ShardIndex(index);
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
      read.shardOf.put(row.getKey(), shard);
    }
    if (read.shardOf.isEmpty()) {
      throw new ModelException(index + ": weight_map names no tensor");
    }
    return read;
  }

  /** The shards by name. */
  List<Path> shards() {
    return shardOf.values().stream().distinct().sorted().map(index::resolveSibling).toList();
  }

  /**
   * Every tensor of every shard; those that the index does not mention too, since whatever reads
   * shards reads them whole.
   *
   * @throws ModelException if a shard is not there, or not what the index says
   */
  List<Entry> tensors() {
    requireAllThere();
    Map<String, Map<String, Entry>> read = new TreeMap<>();
    for (Path shard : shards()) {
      read.put(String.valueOf(shard.getFileName()), SafetensorsFile.read(shard));
    }
    shardOf.forEach(
        (tensor, shard) -> {
          if (!read.getOrDefault(shard, Map.of()).containsKey(tensor)) {
            throw new ModelException(
                index.resolveSibling(shard)
                    + ": tensor "
                    + tensor
                    + " is missing, although "
                    + index.getFileName()
                    + " says it is here");
          }
        });
    List<Entry> all = new ArrayList<>();
    read.values().forEach(shard -> all.addAll(shard.values()));
    return all;
  }

  private void requireAllThere() {
    List<Path> missing =
        shards().stream().filter(f -> !Files.exists(f, LinkOption.NOFOLLOW_LINKS)).toList();
    if (!missing.isEmpty()) {
      throw new ModelException(
          "%s: no such file, although %s names it (%d of %d files are missing); fetch the model again"
              .formatted(missing.get(0), index.getFileName(), missing.size(), shards().size()));
    }
  }
}
