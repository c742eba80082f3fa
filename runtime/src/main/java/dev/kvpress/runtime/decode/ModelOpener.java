package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ExportedModel;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.pack.PackedCopy;
import dev.kvpress.runtime.graph.pack.WeightPacker;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.SharedSessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Finds out what a path holds, reads it, and puts together what makes a {@link DecoderModel}. */
final class ModelOpener {

  /**
   * The parts of a model.
   *
   * @param sessions what opens its graphs
   * @param behaviour of its graph
   * @param fused the graph with fused attention, or null
   * @param info what it is, without trained tensors
   * @param queryHeadsKnown whether info tells the number of query heads or a stand-in
   * @param config of models that declare it
   * @param notices what a user should know, in words
   */
  record Parts(
      SessionFactory sessions,
      GraphBehaviour behaviour,
      @Nullable DecoderGraph fused,
      DecoderInfo info,
      boolean queryHeadsKnown,
      Optional<DecoderConfig> config,
      List<Remark> notices) {
    Parts {
      notices = List.copyOf(notices);
    }

    /** E, 0 where unknown. */
    int hiddenSize() {
      return ModelOpener.hiddenSize(config, behaviour.graph());
    }
  }

  /** E, 0 where unknown. */
  static int hiddenSize(Optional<DecoderConfig> config, DecoderGraph graph) {
    return config.map(DecoderConfig::hidden).orElse(graph.hiddenSize().orElse(0));
  }

  /** Architecture of a graph that does not tell it. */
  private static final String UNNAMED = "onnx";

  private final Path model;
  private final DecoderOptions options;
  private final Path cacheDir;
  private SessionFactory sessions;
  private final List<Remark> notices = new ArrayList<>();

  ModelOpener(Path model, DecoderOptions options, SessionFactory sessions) {
    this.model = model;
    this.options = options;
    this.cacheDir = options.cacheDir();
    this.sessions = sessions;
  }

  /**
   * Reads the model.
   *
   * @throws ModelException if it cannot be read or used
   */
  Parts open() {
    Optional<GraphFinder.Found> found = GraphFinder.find(model);
    if (found.isPresent()) {
      found.get().notice().ifPresent(notices::add);
      return graph(found.get().file());
    }
    OtherFormats.refuse(model);
    return open(Checkpoint.open(model));
  }

  /** Reads a checkpoint that is open, through the cache of exports. */
  Parts open(Checkpoint checkpoint) {
    ExportedModel exported =
        ExportCache.of(cacheDir)
            .export(checkpoint, model, options.exportFormat(), sessions.packer());
    notices.addAll(exported.notices());
    DecoderGraph graph = DecoderGraph.readOwn(exported.decomposed());
    return own(
        graph,
        exported.config().fusable() ? DecoderGraph.readOwn(exported.fused()) : null,
        Optional.of(exported.config()),
        exported.hash(),
        ModelWeights.of(graph, true));
  }

  private Parts graph(Path file) {
    DecoderGraph graph = DecoderGraph.read(file);
    graph.requireExternalData();
    ModelWeights weights = ModelWeights.of(graph, false);
    options.weights().ifPresent(wanted -> weights.require(wanted, file));
    String hash = ModelHash.of(graph, cacheDir);
    shareWeights(graph, hash);
    Optional<DecoderConfig> config =
        Optional.ofNullable(graph.metadata().get(OwnGraph.KEY_CONFIG))
            .map(json -> DecoderConfig.fromJson(json, file + ": " + OwnGraph.KEY_CONFIG));
    if (graph.ports().form() != AttentionForm.FOREIGN) {
      return own(graph, null, config, hash, weights);
    }
    return foreign(graph, hash, weights);
  }

  /** Lets all sessions map one copy of the weights, where there is reason for one. */
  private void shareWeights(DecoderGraph graph, String hash) {
    Optional<WeightPacker> packer = sessions.packer();
    if (packer.isEmpty()) {
      return;
    }
    try {
      Optional<PackedCopy> copy =
          PackedCopy.of(
              GraphTap.tap(graph, TapRequest.NONE),
              hash,
              packer.get(),
              cacheDir,
              PackedCopy.WORTH_BYTES);
      if (copy.isPresent()) {
        sessions = new SharedSessions(sessions, copy.get());
      }
    } catch (IOException e) {
      notices.add(
          Remark.aside(
              "%s: weights are held once for each session, since they cannot be kept in the cache: %s"
                  .formatted(cacheDir, FileFaults.reason(e))));
    }
  }

  private Parts own(
      DecoderGraph graph,
      @Nullable DecoderGraph fused,
      Optional<DecoderConfig> config,
      String hash,
      ModelWeights weights) {
    DecoderInterface ports = graph.ports();
    int vocabulary =
        graph
            .vocabulary()
            .orElseThrow(
                () ->
                    new ModelException(
                        graph.file()
                            + ": output logits does not declare the size of the vocabulary"));
    DecoderInfo info =
        info(
            ports,
            config.map(DecoderConfig::architecture).orElse(UNNAMED),
            hash,
            ports.queryHeads().orElse(ports.kvHeads()),
            vocabulary,
            config.map(c -> OptionalInt.of(c.maxPositions())).orElse(OptionalInt.empty()),
            weights);
    return new Parts(
        sessions,
        GraphBehaviour.own(graph, sessions, vocabulary),
        fused,
        info,
        ports.queryHeads().isPresent(),
        config,
        notices);
  }

  private Parts foreign(DecoderGraph graph, String hash, ModelWeights weights) {
    BesideGraph beside = BesideGraph.read(graph.file());
    GraphBehaviour behaviour = probed(graph);
    boolean done = false;
    try {
      beside.positions().ifPresent(behaviour::limitPositions);
      graph.peculiarities().forEach(found -> notices.add(Remark.aside("the graph has " + found)));
      notices.addAll(behaviour.passes().notices());
      DecoderInterface ports = behaviour.graph().ports();
      OptionalInt heads = ports.queryHeads();
      if (heads.isEmpty()) {
        heads = behaviour.queryHeads();
      }
      if (heads.isEmpty() && beside.queryHeads().orElse(0) % ports.kvHeads() == 0) {
        heads = beside.queryHeads();
      }
      DecoderInfo info =
          info(
              ports,
              beside.architecture().orElse(UNNAMED),
              hash,
              heads.orElse(ports.kvHeads()),
              behaviour.passes().vocabulary(),
              beside.positions(),
              weights);
      done = true;
      return new Parts(
          sessions, behaviour, null, info, heads.isPresent(), Optional.empty(), notices);
    } finally {
      if (!done) {
        behaviour.handOverSession().ifPresent(dev.kvpress.runtime.ort.StepSession::close);
      }
    }
  }

  private GraphBehaviour probed(DecoderGraph graph) {
    try {
      return GraphBehaviour.probed(graph, sessions);
    } catch (ModelException e) {
      Path other = graph.file().resolveSibling("decoder_model.onnx");
      String name = String.valueOf(graph.file().getFileName());
      if (name.contains("with_past") && Files.exists(other)) {
        throw new ModelException(
            "%s needs a past and does not start from an empty cache (%s), and %s, which does, gives no way to go on; export both as one graph (optimum-cli export onnx --task text-generation-with-past)"
                .formatted(graph.file(), e.getMessage(), other.getFileName()),
            e);
      }
      throw new ModelException(graph.file() + ": " + e.getMessage(), e);
    }
  }

  private DecoderInfo info(
      DecoderInterface ports,
      String architecture,
      String hash,
      int queryHeads,
      int vocabulary,
      OptionalInt positions,
      ModelWeights weights) {
    return new DecoderInfo(
        nameOf(model),
        architecture,
        hash,
        ports.layers().size(),
        queryHeads,
        ports.kvHeads(),
        ports.headSize(),
        vocabulary,
        positions,
        weights);
  }

  private static String nameOf(Path model) {
    Path name = model.toAbsolutePath().normalize().getFileName();
    return name == null ? model.toString() : name.toString();
  }
}
