package dev.kvpress.runtime.export;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.DecoderWriter;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.export.weights.WeightPlan;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.AtomicFolder;
import dev.kvpress.runtime.file.ContentHash;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.pack.PackableNode;
import dev.kvpress.runtime.graph.pack.PackedWeights;
import dev.kvpress.runtime.graph.pack.WeightPacker;
import dev.kvpress.runtime.onnx.ModelProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Exported models under the hash of what they were made from, each whole or absent. */
public final class ExportCache {
  private static final int HASH_PREFIX = 16;

  private final Path cacheDir;

  /** What goes into one entry. */
  private record Entry(
      Checkpoint checkpoint,
      WeightPlan plan,
      WeightLayout layout,
      Map<AttentionForm, ModelProto> graphs,
      List<String> hashes,
      String hash) {}

  private ExportCache(Path cacheDir) {
    this.cacheDir = requireNonNull(cacheDir, "cacheDir is null");
  }

  /** A cache in a folder, which is made when the first model is exported. */
  public static ExportCache of(Path cacheDir) {
    return new ExportCache(cacheDir);
  }

  /** The same with weights as the checkpoint has them. */
  public ExportedModel export(Path model) {
    return export(model, WeightFormat.STORED, Optional.empty());
  }

  /**
   * Gives the exported form of a checkpoint, exporting it if this has not been done before.
   *
   * @param model see {@link Checkpoint#open}
   * @param format of the weights
   * @param packer what rearranges quantized weights for the engine; the file holds the copies too
   * @throws ModelException if the checkpoint is damaged or of an unsupported kind, or the cache
   *     cannot be written
   */
  public ExportedModel export(Path model, WeightFormat format, Optional<WeightPacker> packer) {
    return export(Checkpoint.open(model), model, format, packer);
  }

  /**
   * The same of a checkpoint that is open.
   *
   * @param model where it lies, for errors
   */
  public ExportedModel export(
      Checkpoint checkpoint, Path model, WeightFormat format, Optional<WeightPacker> packer) {
    try {
      Files.createDirectories(cacheDir);
      FileStamps stamps = FileStamps.of(checkpoint.files());
      List<String> hashes = hashes(checkpoint);
      WeightPlan plan = checkpoint.plan(format, true);
      Optional<WeightPacker> used = plan.format().isQuantized() ? packer : Optional.empty();
      WeightLayout layout = new WeightLayout(plan.forms());
      Map<AttentionForm, ModelProto> graphs = graphs(checkpoint, plan, layout);
      String hash =
          combine(hashes, graphs.values(), used.map(WeightPacker::fingerprint).orElse(""));
      Entry entry = new Entry(checkpoint, plan, layout, graphs, hashes, hash);
      String name = hash.substring(0, HASH_PREFIX);
      AtomicFolder.require(
          cacheDir,
          name,
          folder -> isWhole(folder, checkpoint),
          folder -> build(entry, used, stamps, folder));
      return new ExportedModel(
          cacheDir.resolve(name), checkpoint.config(), hash, checkpoint.notices());
    } catch (IOException e) {
      throw new ModelException(
          "%s: cannot cache the export of %s: %s; choose another cache folder"
              .formatted(cacheDir, model, FileFaults.reason(e)),
          e);
    }
  }

  private List<String> hashes(Checkpoint checkpoint) throws IOException {
    ContentHash content = ContentHash.inCache(cacheDir);
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
  private static String combine(
      List<String> hashes, Collection<ModelProto> graphs, String packing) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putString("exporter " + ModelExporter.VERSION, StandardCharsets.UTF_8);
    for (String hash : hashes) {
      hasher.putString("\n" + hash, StandardCharsets.UTF_8);
    }
    for (ModelProto graph : graphs) {
      String graphHash = Hashing.sha256().hashBytes(graph.toByteArray()).toString();
      hasher.putString("\n" + graphHash, StandardCharsets.UTF_8);
    }
    hasher.putString("\n" + packing, StandardCharsets.UTF_8);
    return hasher.hash().toString();
  }

  /** Whether an entry is there with everything in it; somebody may have cleaned up by hand. */
  private boolean isWhole(Path folder, Checkpoint checkpoint) throws IOException {
    return new EntryFiles(cacheDir, folder, checkpoint.config().fusable()).areWhole();
  }

  private void build(Entry entry, Optional<WeightPacker> packer, FileStamps stamps, Path folder)
      throws IOException {
    Path weights = folder.resolve(ExportedModel.WEIGHTS);
    AtomicFile.writeSynced(weights, out -> entry.layout().write(entry.checkpoint(), out));
    Optional<PackedWeights> packed = Optional.empty();
    if (packer.isPresent()) {
      ModelProto any = entry.graphs().values().iterator().next();
      packed =
          Optional.of(PackedWeights.append(PackableNode.of(any.getGraph()), weights, packer.get()));
    }
    for (Map.Entry<AttentionForm, ModelProto> graph : entry.graphs().entrySet()) {
      boolean fused = graph.getKey() == AttentionForm.FUSED;
      ModelProto model = graph.getValue();
      writeBytes(
          folder.resolve(fused ? ExportedModel.FUSED : ExportedModel.DECOMPOSED),
          packed.map(references -> references.refer(model)).orElse(model).toByteArray());
    }
    writeBytes(folder.resolve(ExportedModel.DESCRIPTION), description(entry, folder));
    stamps.requireUnchanged();
  }

  /** The graphs by form, over weights in a file of a layout. */
  private static Map<AttentionForm, ModelProto> graphs(
      Checkpoint checkpoint, WeightPlan plan, WeightLayout layout) {
    Map<AttentionForm, ModelProto> graphs = new LinkedHashMap<>();
    for (AttentionForm form : forms(checkpoint)) {
      ModelProto bare =
          DecoderWriter.build(checkpoint.architecture(), form, plan, ModelExporter.VERSION);
      graphs.put(form, ModelExporter.withWeights(bare, layout, ExportedModel.WEIGHTS));
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

  private byte[] description(Entry entry, Path folder) throws IOException {
    Checkpoint checkpoint = entry.checkpoint();
    List<String> hashes = entry.hashes();
    JsonMapper json = JsonMapper.builder().build();
    ObjectNode root = json.createObjectNode();
    root.put("exporter_version", ModelExporter.VERSION);
    root.put("opset", DecoderWriter.OPSET);
    root.put("hash", entry.hash());
    root.put("weights", entry.plan().format().label());
    new EntryFiles(cacheDir, folder, checkpoint.config().fusable()).describe(root);
    ObjectNode files = root.putObject("checkpoint_sha256");
    for (int i = 0; i < hashes.size(); i++) {
      files.put(String.valueOf(checkpoint.files().get(i).getFileName()), hashes.get(i));
    }
    root.set("config", json.readTree(checkpoint.config().toJson()));
    return json.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }
}
