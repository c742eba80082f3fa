package dev.kvpress.runtime.graph;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.LfsPointer;
import dev.kvpress.runtime.graph.dialect.Dialects;
import dev.kvpress.runtime.graph.graft.CacheGraft;
import dev.kvpress.runtime.graph.pack.PackedWeights;
import dev.kvpress.runtime.graph.rewrite.FusedOperators;
import dev.kvpress.runtime.graph.trace.CacheTrace;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.StringStringEntryProto;
import dev.kvpress.runtime.onnx.TensorShapeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A decoder graph with a KV cache, read from a file without its external data. */
public final class DecoderGraph {
  private final Path file;
  private final ModelProto model;
  private final ModelProto found;
  private final List<String> droppedInputs;
  private final Map<String, String> metadata;
  private final DecoderInterface ports;
  private final TapSites sites;
  private final List<String> peculiarities;
  private final @Nullable CacheGraft graft;
  private final Optional<String> pruningRefusal;
  private final GraphFindings findings;

  private DecoderGraph(DecoderGraph that, ModelProto model, DecoderInterface ports) {
    file = that.file;
    this.model = model;
    found = that.found;
    droppedInputs = that.droppedInputs;
    metadata = that.metadata;
    this.ports = ports;
    sites = that.sites;
    peculiarities = that.peculiarities;
    graft = that.graft;
    pruningRefusal = that.pruningRefusal;
    findings = that.findings;
  }

  private DecoderGraph(Path file, ModelProto model) {
    this.file = file;
    Map<String, String> entries = new LinkedHashMap<>();
    for (StringStringEntryProto entry : model.getMetadataPropsList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    this.metadata = Collections.unmodifiableMap(entries);
    Dialects.Reading reading = Dialects.read(file.toString(), model, metadata);
    this.peculiarities = reading.peculiarities();
    this.found = reading.found();
    this.droppedInputs = inputs(model);
    this.droppedInputs.removeAll(inputs(found));
    if (reading.ports().form() != AttentionForm.FOREIGN) {
      this.model = reading.model();
      this.ports = reading.ports();
      graft = null;
      pruningRefusal = Optional.empty();
      sites = TapSites.own();
      findings = findings(Map.of(), ports.layers().size());
      return;
    }
    Optional<String> old = tooOld(reading.model());
    FusedOperators.Rewritten rewritten =
        old.isPresent()
            ? new FusedOperators.Rewritten(reading.model(), reading.ports(), Map.of(), Map.of())
            : FusedOperators.rewrite(reading.model(), reading.ports());
    this.model = rewritten.model();
    this.ports = rewritten.ports();
    GraphIndex index = new GraphIndex(this.model);
    CacheTrace trace = CacheTrace.of(index, ports);
    graft = new CacheGraft(index, trace, rewritten.refusals());
    pruningRefusal = old.or(() -> graft.refusal(ports));
    sites =
        old.isPresent()
            ? TapSites.none(old.get())
            : TapSites.find(index, ports, trace, rewritten.refusals());
    int traced = 0;
    Map<String, List<Integer>> operators = new TreeMap<>();
    for (int l = 0; l < ports.layers().size(); l++) {
      traced += old.isEmpty() && trace.layer(l).attentions().size() == 1 ? 1 : 0;
      String operator = rewritten.operators().get(l);
      if (operator != null) {
        operators
            .computeIfAbsent(operator, o -> new ArrayList<>())
            .add(ports.layers().get(l).layer());
      }
    }
    findings = findings(operators, traced);
  }

  private GraphFindings findings(Map<String, List<Integer>> operators, int traced) {
    return new GraphFindings(
        ports.form(),
        new GraphEdit(model).opset(),
        precision(),
        peculiarities,
        operators,
        traced,
        ports.layers().size(),
        sites.support().refusal(GraphSignal.FULL_ATTENTION),
        pruningRefusal);
  }

  private static Optional<String> tooOld(ModelProto model) {
    long opset = new GraphEdit(model).opset();
    return opset >= OpsetForm.OLDEST
        ? Optional.empty()
        : Optional.of(
            "it is written in opset %d, and graphs can be edited from opset %d on; export it again or convert it (onnx.version_converter)"
                .formatted(opset, OpsetForm.OLDEST));
  }

  /**
   * Reads a graph. Rearranged copies of weights that it says to have are left out: an engine would
   * multiply by them without looking whether they are those of the weights.
   *
   * @param onnx a decoder .onnx file of ours or with Optimum names
   * @throws ModelException if the file is no ONNX model or no decoder with a KV cache
   */
  public static DecoderGraph read(Path onnx) {
    return of(PackedWeights.without(parsed(onnx)), onnx);
  }

  /** Reads a graph of the export cache, whose rearranged copies of weights are our own. */
  public static DecoderGraph readOwn(Path onnx) {
    return of(parsed(onnx), onnx);
  }

  private static ModelProto parsed(Path onnx) {
    LfsPointer.refuse(onnx);
    requireSize(onnx);
    ModelProto model;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(onnx), 1 << 16)) {
      model = ModelProto.parseFrom(in);
    } catch (InvalidProtocolBufferException e) {
      throw new ModelException(onnx + ": no ONNX model: " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new ModelException(onnx + ": no such file", e);
    } catch (IOException e) {
      throw new ModelException(onnx + ": cannot read: " + e, e);
    }
    if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
      throw new ModelException(onnx + ": no ONNX model: it has no graph");
    }
    GraphChecks.check(onnx.toString(), model);
    return model;
  }

  /** Numbers inside the file are read with it, and once more for each session. */
  private static void requireSize(Path onnx) {
    try {
      long size = Files.size(onnx);
      if (size > Integer.MAX_VALUE) {
        throw new ModelException(
            "%s: graphs end at 2 GiB, found %,d bytes; store the weights as external data"
                .formatted(onnx, size));
      }
      if (size > Runtime.getRuntime().maxMemory() / 4) {
        throw new ModelException(
            "%s: a graph of %,d bytes takes some %,d bytes of memory, but this program may use %,d; give it more (KVPRESS_JAVA_OPTS=-Xmx…) or store the weights as external data"
                .formatted(onnx, size, 4 * size, Runtime.getRuntime().maxMemory()));
      }
    } catch (IOException e) {
      // Whoever reads the file meets it again and says what is wrong.
      return;
    }
  }

  /**
   * Takes a graph that is in memory.
   *
   * @param model the model, with or without its weights
   * @param file where it comes from or goes to; its folder is where external data lies
   * @throws ModelException if the model is no decoder with a KV cache
   */
  public static DecoderGraph of(ModelProto model, Path file) {
    return new DecoderGraph(requireNonNull(file, "file is null"), model);
  }

  /** What the graph takes and gives. */
  public DecoderInterface ports() {
    return ports;
  }

  /** The same, known to give the logits of the last token only. */
  public DecoderGraph withLastLogitsOnly() {
    return new DecoderGraph(this, model, ports.with(ports.layers(), true));
  }

  /** An own graph after an edit that gave it another form of attention. */
  DecoderGraph edited(ModelProto other, DecoderInterface newPorts) {
    return new DecoderGraph(this, other, newPorts);
  }

  /** In what the graph differed from the plain form and was rewritten, in words; often empty. */
  public List<String> peculiarities() {
    return peculiarities;
  }

  /** What was recognised in it. */
  public GraphFindings findings() {
    return findings;
  }

  /** How closely the graph computes. */
  public GraphPrecision precision() {
    return GraphPrecision.of(model.getGraph());
  }

  /**
   * Why the graph cannot go on right over a cache from which tokens were removed; empty where it
   * can.
   */
  public Optional<String> pruningRefusal() {
    return pruningRefusal;
  }

  /** Whether the graph has to be edited, and can be, to take caches with tokens removed. */
  public boolean isPrunable() {
    return graft != null && pruningRefusal.isEmpty();
  }

  /** What the graph takes and gives when tokens may have been removed from its caches. */
  public DecoderInterface prunedPorts() {
    return isPrunable() ? CacheGraft.grafted(ports) : ports;
  }

  /** E, where the projections of a graph that is not ours tell it. */
  public OptionalInt hiddenSize() {
    return sites.hiddenSize();
  }

  /**
   * Whether the attention of a layer, by its index among those with a cache, may sum to less than 1
   * over the tokens.
   */
  public boolean hasSinks(int index) {
    return index < sites.sites().size() && sites.sites().get(index).sinks();
  }

  CacheGraft graft() {
    return requireNonNull(graft, "own graphs need no graft");
  }

  /** Which signals a tap can make this graph emit. */
  public SignalSupport signals() {
    return sites.support();
  }

  /** The model's own metadata entries, such as {@code kvpress.config}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** B, where the graph takes batches of one size only. */
  public OptionalInt fixedBatch() {
    return declared(model.getGraph().getInputList(), ports.inputIds(), 0);
  }

  /** Q, where the graph takes passes of one length only. */
  public OptionalInt fixedQueries() {
    return declared(model.getGraph().getInputList(), ports.inputIds(), 1);
  }

  /** V, where the graph declares the size of its logits. */
  public OptionalInt vocabulary() {
    return declared(model.getGraph().getOutputList(), ports.logits(), 2);
  }

  /** The size of an axis, where the graph declares one. */
  private static OptionalInt declared(List<ValueInfoProto> values, String name, int axis) {
    for (ValueInfoProto value : values) {
      TensorShapeProto shape = value.getType().getTensorType().getShape();
      if (value.getName().equals(name) && shape.getDimCount() > axis) {
        long size = shape.getDim(axis).getDimValue();
        return size > 0 && size <= Integer.MAX_VALUE
            ? OptionalInt.of((int) size)
            : OptionalInt.empty();
      }
    }
    return OptionalInt.empty();
  }

  /** The file it was read from. */
  public Path file() {
    return file;
  }

  /** The files that hold weights of the graph, by name; most graphs have none or one. */
  public SortedSet<Path> externalFiles() {
    return new TreeSet<>(ExternalData.files(model, folder()).values());
  }

  /**
   * Checks that all weights in files beside the graph are there, whole and apart.
   *
   * @throws ModelException naming file and tensor
   */
  public void requireExternalData() {
    ExternalData.check(model, folder());
  }

  /** The folder that external data are relative to. */
  public Path folder() {
    Path whole = file.toAbsolutePath();
    Path parent = whole.getParent();
    return parent == null ? whole : parent;
  }

  ModelProto model() {
    return model;
  }

  /**
   * The graph with the inputs and outputs of its file; only branches between two decoders are taken
   * out of it.
   */
  ModelProto found() {
    return found;
  }

  /** Inputs of the file that {@link SignalBranches} leaves out, since it takes branches out. */
  public List<String> droppedInputs() {
    return List.copyOf(droppedInputs);
  }

  /** Outputs of the file, in its order. */
  public List<String> outputs() {
    return found.getGraph().getOutputList().stream().map(ValueInfoProto::getName).toList();
  }

  private static List<String> inputs(ModelProto model) {
    return model.getGraph().getInputList().stream()
        .map(ValueInfoProto::getName)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  TapSites sites() {
    return sites;
  }
}
