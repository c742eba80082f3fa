package dev.kvpress.runtime.graph.pack;

import static java.util.Objects.requireNonNull;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.AtomicFolder;
import dev.kvpress.runtime.graph.ExternalData;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.Tensors;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A copy of a graph's weights in the cache, which all sessions over the graph map: what the engine
 * rearranges lies there rearranged too, and what stands inside the graph is not copied by each
 * session.
 */
public final class PackedCopy {
  /** Smaller weights in all are not worth a file. */
  public static final long WORTH_BYTES = 16L << 20;

  private static final String VERSION = "copy 1";
  private static final String WEIGHTS = "weights.bin";
  private static final String REFERENCES = "references.pb";
  private static final int HASH_PREFIX = 16;

  private final Path folder;
  private final Map<TensorProto, TensorProto> copies;

  private PackedCopy(Path folder, Map<TensorProto, TensorProto> copies) {
    this.folder = folder;
    this.copies = copies;
  }

  /**
   * Gives the copy of a graph's weights, making it if this has not been done before.
   *
   * @param graph as it is opened, with or without taps
   * @param hash over the content of the graph's file and those of its weights
   * @param packer of the engine that opens it
   * @param cache the folder of copies
   * @param worth bytes below which nothing is copied, such as {@link #WORTH_BYTES}
   * @return empty where nothing is worth a copy
   * @throws IOException if the copy cannot be written
   */
  public static Optional<PackedCopy> of(
      TappedGraph graph, String hash, WeightPacker packer, Path cache, long worth)
      throws IOException {
    CopyPlan plan = CopyPlan.of(graph.model());
    if (plan.tensors().isEmpty() || plan.bytes() < worth) {
      return Optional.empty();
    }
    String name = name(plan, hash, packer);
    Path folder = cache.toAbsolutePath().normalize().resolve(name);
    Path others = graph.externalDataFolder().toAbsolutePath().normalize();
    if (!plan.holdsAllData(graph.model()) && !Objects.equals(folder.getRoot(), others.getRoot())) {
      throw new IOException(
          "it lies on another volume than the graph, which an engine cannot read together");
    }
    AtomicFolder.require(
        cache,
        name,
        entry -> read(entry, plan).isPresent(),
        entry -> write(plan, graph.externalDataFolder(), packer, entry));
    List<TensorProto> references =
        read(folder, plan)
            .orElseThrow(() -> new IOException(folder + " was damaged while it was read"));
    Map<TensorProto, TensorProto> copies = new HashMap<>();
    for (int i = 0; i < references.size(); i++) {
      copies.put(plan.tensors().get(i), references.get(i));
    }
    return Optional.of(new PackedCopy(folder, copies));
  }

  private static String name(CopyPlan plan, String hash, WeightPacker packer) {
    Hasher hasher = Hashing.sha256().newHasher();
    String packing = plan.nodes().isEmpty() ? "" : packer.fingerprint();
    for (String part : List.of(VERSION, hash, packing, plan.description())) {
      hasher.putString(part + "\n", StandardCharsets.UTF_8);
    }
    return hasher.hash().toString().substring(0, HASH_PREFIX);
  }

  private static void write(CopyPlan plan, Path source, WeightPacker packer, Path entry)
      throws IOException {
    Path weights = entry.resolve(WEIGHTS);
    long free = Files.getFileStore(entry).getUsableSpace();
    if (free < plan.bytes()) {
      throw new IOException(
          "%,d bytes of weights do not go on a disk with %,d free".formatted(plan.bytes(), free));
    }
    Map<TensorProto, TensorProto> copies = new HashMap<>();
    AtomicFile.writeSynced(
        weights,
        out -> {
          WeightWriter writer = new WeightWriter(source, out, WEIGHTS);
          for (TensorProto tensor : plan.tensors()) {
            copies.put(tensor, writer.write(tensor));
          }
        });
    PackedWeights packed =
        PackedWeights.append(
            plan.nodes().stream()
                .map(node -> node.with(tensor -> requireNonNull(copies.get(tensor))))
                .toList(),
            weights,
            packer);
    GraphProto.Builder references =
        GraphProto.newBuilder().setName(Long.toString(Files.size(weights)));
    plan.tensors().stream()
        .map(tensor -> packed.refer(requireNonNull(copies.get(tensor))))
        .forEach(references::addInitializer);
    ByteBuffer bytes = ByteBuffer.wrap(references.build().toByteArray());
    AtomicFile.writeSynced(entry.resolve(REFERENCES), out -> AtomicFile.writeFully(out, bytes));
  }

  /** The constants of a whole copy, as a plan orders them; empty where it is damaged or absent. */
  private static Optional<List<TensorProto>> read(Path entry, CopyPlan plan) throws IOException {
    Path references = entry.resolve(REFERENCES);
    Path weights = entry.resolve(WEIGHTS);
    if (!Files.isRegularFile(references) || !Files.isRegularFile(weights)) {
      return Optional.empty();
    }
    GraphProto graph;
    try {
      graph = GraphProto.parseFrom(Files.readAllBytes(references));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
    boolean whole =
        graph.getName().equals(Long.toString(Files.size(weights)))
            && graph.getInitializerCount() == plan.tensors().size();
    for (int i = 0; whole && i < plan.tensors().size(); i++) {
      TensorProto copied = graph.getInitializer(i);
      TensorProto wanted = plan.tensors().get(i);
      whole =
          copied.getName().equals(wanted.getName())
              && copied.getDataType() == wanted.getDataType()
              && copied.getDimsList().equals(wanted.getDimsList());
    }
    return whole ? Optional.of(graph.getInitializerList()) : Optional.empty();
  }

  /** Where it lies. */
  public Path folder() {
    return folder;
  }

  /** A graph whose weights are those of the copy, as far as it holds them. */
  public TappedGraph under(TappedGraph graph) {
    Path others = graph.externalDataFolder().toAbsolutePath().normalize();
    boolean alone =
        Tensors.of(graph.model()).stream()
            .noneMatch(tensor -> ExternalData.isExternal(tensor) && !copies.containsKey(tensor));
    Path above = alone ? folder : above(folder, others);
    return graph.withWeights(
        Tensors.mapped(
            graph.model(),
            tensor -> {
              TensorProto copy = copies.get(tensor);
              if (copy != null) {
                return ExternalData.from(above, folder, copy);
              }
              return ExternalData.isExternal(tensor)
                  ? ExternalData.from(above, others, tensor)
                  : tensor;
            }),
        above);
  }

  /** The folder that holds both. */
  private static Path above(Path one, Path other) {
    Path above = one;
    while (!other.startsWith(above)) {
      above = requireNonNull(above.getParent(), "no folder holds both");
    }
    return above;
  }
}
