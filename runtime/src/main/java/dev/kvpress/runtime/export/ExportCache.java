package dev.kvpress.runtime.export;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.DecoderWriter;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.ContentHash;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.graph.AttentionForm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Exported models under the hash of what they were made from.
 *
 * <p>An entry is built in a folder of its own and renamed when it is whole; a name without {@code
 * .building} therefore always means a whole entry, whatever crashed, and of two processes that
 * build the same one the second throws its work away.
 */
public final class ExportCache {
  private static final int HASH_PREFIX = 16;
  private static final String BUILDING = ".building";
  private static final Duration ABANDONED = Duration.ofDays(1);

  private final Path cacheDir;

  /** What goes into one entry. */
  private record Entry(
      Checkpoint checkpoint,
      WeightLayout layout,
      Map<AttentionForm, byte[]> graphs,
      List<String> hashes,
      String hash) {}

  private ExportCache(Path cacheDir) {
    this.cacheDir = requireNonNull(cacheDir, "cacheDir is null");
  }

  /** A cache in a folder, which is made when the first model is exported. */
  public static ExportCache of(Path cacheDir) {
    return new ExportCache(cacheDir);
  }

  /**
   * Gives the exported form of a checkpoint, exporting it if this has not been done before.
   *
   * @param model see {@link Checkpoint#open}
   * @throws ModelException if the checkpoint is damaged or of an unsupported kind, or the cache
   *     cannot be written
   */
  public ExportedModel export(Path model) {
    Checkpoint checkpoint = Checkpoint.open(model);
    try {
      Files.createDirectories(cacheDir);
      FileStamps stamps = FileStamps.of(checkpoint.files());
      List<String> hashes = hashes(checkpoint);
      WeightLayout layout = new WeightLayout(checkpoint.weights());
      Map<AttentionForm, byte[]> graphs = graphs(checkpoint, layout);
      String hash = combine(hashes, graphs.values());
      Path folder = cacheDir.resolve(hash.substring(0, HASH_PREFIX));
      if (!isWhole(folder, checkpoint, layout)) {
        removeAbandoned();
        build(new Entry(checkpoint, layout, graphs, hashes, hash), stamps, folder);
      }
      return new ExportedModel(folder, checkpoint.config(), hash, checkpoint.notices());
    } catch (IOException e) {
      throw new ModelException(
          "%s: cannot cache the export of %s: %s; choose another cache folder"
              .formatted(cacheDir, model, FileFaults.reason(e)),
          e);
    }
  }

  /** Removes what crashed builds left behind, once nobody can be working on it any more. */
  private void removeAbandoned() throws IOException {
    Instant abandoned = Instant.now().minus(ABANDONED);
    List<Path> entries;
    try (var stream = Files.list(cacheDir)) {
      entries = stream.filter(f -> f.toString().contains(BUILDING)).toList();
    }
    for (Path entry : entries) {
      if (Files.getLastModifiedTime(entry).toInstant().isBefore(abandoned)) {
        delete(entry);
      }
    }
  }

  private List<String> hashes(Checkpoint checkpoint) throws IOException {
    ContentHash content = new ContentHash(cacheDir.resolve("hashes.properties"));
    List<String> hashes = new ArrayList<>();
    for (Path file : checkpoint.files()) {
      hashes.add(content.of(file));
    }
    return hashes;
  }

  /**
   * Content of the files and all of the graphs: whatever code or setting changes a graph changes
   * its entry, whether or not somebody thought of the version.
   */
  private static String combine(List<String> hashes, Collection<byte[]> graphs) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putString("exporter " + ModelExporter.VERSION, StandardCharsets.UTF_8);
    for (String hash : hashes) {
      hasher.putString("\n" + hash, StandardCharsets.UTF_8);
    }
    for (byte[] graph : graphs) {
      hasher.putString("\n" + Hashing.sha256().hashBytes(graph), StandardCharsets.UTF_8);
    }
    return hasher.hash().toString();
  }

  /** Whether an entry is there with everything in it; somebody may have cleaned up by hand. */
  private static boolean isWhole(Path folder, Checkpoint checkpoint, WeightLayout layout)
      throws IOException {
    Path weights = folder.resolve(ExportedModel.WEIGHTS);
    return Files.isRegularFile(folder.resolve(ExportedModel.DECOMPOSED))
        && (!checkpoint.config().fusable()
            || Files.isRegularFile(folder.resolve(ExportedModel.FUSED)))
        && Files.isRegularFile(folder.resolve(ExportedModel.DESCRIPTION))
        && Files.isRegularFile(weights)
        && Files.size(weights) == layout.fileBytes();
  }

  private void build(Entry entry, FileStamps stamps, Path folder) throws IOException {
    Path building = Files.createTempDirectory(cacheDir, folder.getFileName() + BUILDING);
    try {
      AtomicFile.writeSynced(
          building.resolve(ExportedModel.WEIGHTS),
          out -> entry.layout().write(entry.checkpoint(), out));
      for (Map.Entry<AttentionForm, byte[]> graph : entry.graphs().entrySet()) {
        boolean fused = graph.getKey() == AttentionForm.FUSED;
        writeBytes(
            building.resolve(fused ? ExportedModel.FUSED : ExportedModel.DECOMPOSED),
            graph.getValue());
      }
      writeBytes(building.resolve(ExportedModel.DESCRIPTION), description(entry));
      stamps.requireUnchanged();
      publish(building, folder, entry.checkpoint(), entry.layout());
    } finally {
      delete(building);
    }
  }

  /** The graphs by form, over weights in a file of a layout. */
  private static Map<AttentionForm, byte[]> graphs(Checkpoint checkpoint, WeightLayout layout) {
    Map<AttentionForm, byte[]> graphs = new LinkedHashMap<>();
    for (AttentionForm form : forms(checkpoint)) {
      graphs.put(
          form,
          ModelExporter.withWeights(
                  DecoderWriter.build(checkpoint.architecture(), form, ModelExporter.VERSION),
                  layout,
                  ExportedModel.WEIGHTS)
              .toByteArray());
    }
    return graphs;
  }

  private static List<AttentionForm> forms(Checkpoint checkpoint) {
    return checkpoint.config().fusable()
        ? List.of(AttentionForm.DECOMPOSED, AttentionForm.FUSED)
        : List.of(AttentionForm.DECOMPOSED);
  }

  private static void writeBytes(Path file, byte[] bytes) throws IOException {
    AtomicFile.writeSynced(file, out -> AtomicFile.writeFully(out, ByteBuffer.wrap(bytes)));
  }

  private static byte[] description(Entry entry) throws JsonProcessingException {
    Checkpoint checkpoint = entry.checkpoint();
    List<String> hashes = entry.hashes();
    JsonMapper json = JsonMapper.builder().build();
    ObjectNode root = json.createObjectNode();
    root.put("exporter_version", ModelExporter.VERSION);
    root.put("opset", DecoderWriter.OPSET);
    root.put("hash", entry.hash());
    ObjectNode files = root.putObject("checkpoint_sha256");
    for (int i = 0; i < hashes.size(); i++) {
      files.put(String.valueOf(checkpoint.files().get(i).getFileName()), hashes.get(i));
    }
    root.set("config", json.readTree(checkpoint.config().toJson()));
    return json.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }

  private void publish(Path building, Path folder, Checkpoint checkpoint, WeightLayout layout)
      throws IOException {
    if (Files.exists(folder) && !isWhole(folder, checkpoint, layout)) {
      // A damaged entry makes way in one step; it is removed under a name that nobody reads.
      Path aside = Files.createTempDirectory(cacheDir, folder.getFileName() + BUILDING);
      Files.move(folder, aside.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
      delete(aside);
    }
    try {
      Files.move(building, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Another process was faster, which is as good.
      if (!isWhole(folder, checkpoint, layout)) {
        throw e;
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> entries;
    try (var stream = Files.walk(folder)) {
      entries = new ArrayList<>(stream.toList());
    }
    for (int i = entries.size() - 1; i >= 0; i--) {
      Files.deleteIfExists(entries.get(i));
    }
  }
}
