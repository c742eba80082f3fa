package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.file.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What {@code config.json} and {@code genai_config.json} beside a graph of somebody else say about
 * it, or those of the repository above its {@code onnx/} folder.
 *
 * @param architecture what the model calls itself
 * @param queryHeads H
 * @param positions positions it was made for
 */
record BesideGraph(Optional<String> architecture, OptionalInt queryHeads, OptionalInt positions) {
  private static final BesideGraph NOTHING =
      new BesideGraph(Optional.empty(), OptionalInt.empty(), OptionalInt.empty());

  /**
   * Reads them.
   *
   * @throws dev.kvpress.runtime.ModelException if one of them is broken
   */
  static BesideGraph read(Path graph) {
    BesideGraph facts = NOTHING;
    for (Path folder : folders(graph)) {
      Path config = folder.resolve("config.json");
      if (Files.isRegularFile(config)) {
        facts = facts.or(ofConfig(JsonFile.read(config)));
      }
      Path genai = folder.resolve("genai_config.json");
      if (Files.isRegularFile(genai)) {
        facts = facts.or(ofGenai(JsonFile.read(genai)));
      }
    }
    return facts;
  }

  private static List<Path> folders(Path graph) {
    List<Path> folders = new ArrayList<>();
    Path folder = graph.toAbsolutePath().normalize().getParent();
    if (folder != null) {
      folders.add(folder);
      Path above = folder.getParent();
      if (above != null && String.valueOf(folder.getFileName()).equals("onnx")) {
        folders.add(above);
      }
    }
    return folders;
  }

  private BesideGraph or(BesideGraph other) {
    return new BesideGraph(
        architecture.or(other::architecture),
        queryHeads.isPresent() ? queryHeads : other.queryHeads,
        positions.isPresent() ? positions : other.positions);
  }

  private static BesideGraph ofConfig(JsonFile config) {
    JsonFile nested = config.object("text_config");
    JsonFile text = nested == null ? config : nested;
    Optional<String> architecture = config.texts("architectures").stream().findFirst();
    return new BesideGraph(
        architecture.or(() -> Optional.of(config.text("model_type", "")).filter(t -> !t.isEmpty())),
        first(text, "num_attention_heads", "n_head", "num_heads", "n_heads"),
        first(text, "max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"));
  }

  private static BesideGraph ofGenai(JsonFile config) {
    JsonFile model = config.object("model");
    JsonFile decoder = model == null ? null : model.object("decoder");
    return model == null
        ? NOTHING
        : new BesideGraph(
            Optional.of(model.text("type", "")).filter(type -> !type.isEmpty()),
            decoder == null ? OptionalInt.empty() : first(decoder, "num_attention_heads"),
            first(model, "context_length"));
  }

  /** The first of some fields that is there and makes sense. */
  private static OptionalInt first(JsonFile json, String... fields) {
    for (String field : fields) {
      if (json.has(field)) {
        int value = json.integer(field);
        return value > 0 ? OptionalInt.of(value) : OptionalInt.empty();
      }
    }
    return OptionalInt.empty();
  }
}
