package dev.kvpress.runtime.saved;

import com.google.common.collect.ImmutableMap;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.FileTensor;
import dev.kvpress.runtime.file.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Writes a context into a file, which is there whole afterwards or as it was before. */
public final class ContextWriter {
  private ContextWriter() {}

  /**
   * Writes.
   *
   * @param card without its layers, which are taken from the parts
   * @throws ModelException if the file cannot be written
   */
  public static void write(Path file, ContextCard card, ContextParts parts) {
    requireLittleEndian();
    if (Files.isDirectory(file)) {
      throw new ModelException(
          file + ": cannot write: expected the name of a file, found a folder");
    }
    List<FileTensor> caches = new ArrayList<>();
    List<FileTensor> others = new ArrayList<>();
    List<ContextCard.Layer> layers = new ArrayList<>();
    for (int l = 0; l < parts.layers().size(); l++) {
      ContextParts.LayerParts layer = parts.layers().get(l);
      String prefix = SavedContext.layer(l);
      layer.tensors().forEach((name, tensor) -> caches.add(tensor.named(prefix + name)));
      StateTensors.add(layer.ledger(), prefix + SavedContext.LEDGER, others);
      layer
          .state()
          .ifPresent(state -> StateTensors.add(state, prefix + SavedContext.STATE, others));
      layers.add(
          new ContextCard.Layer(
              layer.form(),
              StateTensors.card(layer.ledger()),
              layer.state().map(StateTensors::card).map(List::of).orElse(List.of())));
    }
    for (int i = 0; i < parts.states().size(); i++) {
      others.add(parts.states().get(i).named(SavedContext.STATES + i));
    }
    if (!parts.tokens().isEmpty()) {
      others.add(StateTensors.of(SavedContext.TOKENS, parts.tokens().toArray()));
    }
    // Sizes are multiples of those of their numbers, so that none of a cache is out of line.
    caches.sort(Comparator.comparingLong(ContextWriter::numberBytes).reversed());
    others.sort(Comparator.comparingLong(ContextWriter::numberBytes).reversed());
    caches.addAll(others);
    Map<String, String> metadata =
        ImmutableMap.of(
            SavedContext.FORMAT,
            SavedContext.FORMAT_NAME,
            SavedContext.VERSION,
            String.valueOf(SavedContext.FORMAT_VERSION),
            SavedContext.CARD,
            CardJson.write(withLayers(card, layers)));
    try {
      AtomicFile.write(
          file, out -> SafetensorsWriter.write(out, caches, metadata, SavedContext.SEAL));
    } catch (IOException e) {
      throw new ModelException(file + ": cannot write: " + FileFaults.reason(e), e);
    }
  }

  private static long numberBytes(FileTensor tensor) {
    return switch (tensor.type()) {
      case "F64", "I64", "U64" -> 8;
      case "F32", "I32", "U32" -> 4;
      case "F16", "BF16", "I16", "U16" -> 2;
      default -> 1;
    };
  }

  private static ContextCard withLayers(ContextCard card, List<ContextCard.Layer> layers) {
    return new ContextCard(
        card.model(),
        card.modelHash(),
        card.weights(),
        card.sizes(),
        card.cacheType(),
        card.provider(),
        card.engine(),
        card.savedAt(),
        card.achievedRatio(),
        card.notes(),
        card.run(),
        layers);
  }

  /** Safetensors files are little endian, and caches go to and from them as they lie in memory. */
  static void requireLittleEndian() {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new ModelException(
          "contexts are saved and loaded on little endian machines only, this one is big endian");
    }
  }
}
