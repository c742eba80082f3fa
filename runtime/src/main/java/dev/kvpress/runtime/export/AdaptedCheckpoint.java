package dev.kvpress.runtime.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.Architectures;
import dev.kvpress.runtime.export.architecture.TextPart;
import dev.kvpress.runtime.export.packed.PackedLayouts;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.JsonFile;
import dev.kvpress.runtime.file.ModelFolder;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A checkpoint through which trained tokens pass instead of a text: a LoRA adapter is merged into
 * the matrices of its layers, and its vocabulary is the trained embeddings, token {@code i} being
 * row {@code i}. It computes keys and values; its logits stand for nothing, so that it needs no
 * output matrix.
 */
final class AdaptedCheckpoint extends Checkpoint {
  static final String EMBEDDINGS_FILE = "restore_embeddings.safetensors";
  static final String EMBEDDINGS = "restore_embeddings";

  private static final String TABLE = "model.embed_tokens.weight";

  /** Decoders whose layers take the token embedding as it is. */
  private static final Set<String> PLAIN_EMBEDDINGS =
      Set.of("LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM");

  private final SafetensorsCheckpoint base;
  private final LoraAdapter adapter;
  private final SafetensorsFile.Entry embeddings;
  private final Architecture architecture;

  private AdaptedCheckpoint(
      SafetensorsCheckpoint base,
      LoraAdapter adapter,
      SafetensorsFile.Entry embeddings,
      Architecture architecture) {
    this.base = base;
    this.adapter = adapter;
    this.embeddings = embeddings;
    this.architecture = architecture;
  }

  /**
   * Opens both and checks that they fit.
   *
   * @param model folder of the checkpoint
   * @param folder of the adapter and the embeddings
   * @throws ModelException if they do not
   */
  static AdaptedCheckpoint open(Path model, Path folder) {
    if (!(Checkpoint.open(model) instanceof SafetensorsCheckpoint base)) {
      throw new ModelException(
          "%s: trained tokens need weights that an adapter can be merged into, those of a Hugging Face folder; this is another kind of checkpoint"
              .formatted(model));
    }
    String name = base.config().architecture();
    if (!PLAIN_EMBEDDINGS.contains(name)) {
      throw new ModelException(
          "%s: it is not known how layers of %s take embeddings that come from outside; trained tokens can pass through %s"
              .formatted(model, name, String.join(", ", new TreeSet<>(PLAIN_EMBEDDINGS))));
    }
    SafetensorsFile.Entry embeddings = embeddings(folder, base.config().hidden());
    LoraAdapter adapter = LoraAdapter.open(folder, base.architecture());
    return new AdaptedCheckpoint(
        base, adapter, embeddings, overTokens(ModelFolder.resolve(model), base, embeddings));
  }

  private static SafetensorsFile.Entry embeddings(Path folder, int hidden) {
    Path file = folder.resolve(EMBEDDINGS_FILE);
    Map<String, SafetensorsFile.Entry> tensors = SafetensorsFile.read(file);
    SafetensorsFile.Entry entry = tensors.get(EMBEDDINGS);
    if (entry == null || tensors.size() > 1) {
      throw new ModelException(
          "%s: expected the tensor %s alone, found %s"
              .formatted(file, EMBEDDINGS, tensors.keySet()));
    }
    if (entry.decoder().isEmpty()
        || entry.shape().size() != 2
        || entry.shape().get(0) < 1
        || entry.shape().get(1) != hidden) {
      throw new ModelException(
          "%s: tensor %s: expected F32, F16 or BF16 of shape [tokens, %d] for this model, found %s %s; it was made for another"
              .formatted(file, EMBEDDINGS, hidden, entry.type(), entry.shape()));
    }
    return entry;
  }

  /** The decoder with the trained tokens as its vocabulary. */
  private static Architecture overTokens(
      Path folder, SafetensorsCheckpoint base, SafetensorsFile.Entry embeddings) {
    JsonFile config =
        TextPart.of(JsonFile.read(folder.resolve(SafetensorsCheckpoint.CONFIG)))
            .config()
            .without(PackedLayouts.FIELD);
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    config.entries().forEach(field -> changed.set(field.getKey(), field.getValue()));
    changed.put("vocab_size", Math.toIntExact(embeddings.shape().get(0)));
    changed.put("tie_word_embeddings", true);
    Set<String> names = new HashSet<>();
    base.architecture().storedWeights().forEach(weight -> names.add(weight.name()));
    return Architectures.read(JsonFile.of(config.place(), changed), names::contains);
  }

  @Override
  Architecture architecture() {
    return architecture;
  }

  @Override
  public List<Path> files() {
    List<Path> files = new ArrayList<>(base.files());
    files.addAll(adapter.files());
    files.add(embeddings.file());
    return List.copyOf(files);
  }

  @Override
  public List<Remark> notices() {
    return base.notices();
  }

  @Override
  void write(TensorSpec weight, WritableByteChannel out) throws IOException {
    if (weight.name().equals(TABLE)) {
      writeEmbeddings(out);
      return;
    }
    var update = adapter.update(weight);
    if (update.isEmpty()) {
      base.write(weight, out);
      return;
    }
    try (AddingChannel adding = new AddingChannel(update.get(), out)) {
      base.write(weight, adding);
    }
  }

  private void writeEmbeddings(WritableByteChannel out) throws IOException {
    float[] numbers = LoraAdapter.numbers(embeddings);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(numbers.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
