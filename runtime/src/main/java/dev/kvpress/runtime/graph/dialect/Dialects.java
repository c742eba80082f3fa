package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.EarlierTap;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.onnx.ModelProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads decoder graphs of any dialect. */
public final class Dialects {
  /** What is inside a branch must come out before anything else is seen. */
  private static final Dialect BRANCHES = new MergedDecoder();

  /** Taken out at the border of a graph, in this order. */
  private static final List<Dialect> BORDER =
      List.of(
          new StackedCaches(),
          new CacheLayout(),
          new CacheTypes(),
          new CountInputs(),
          new LogitsToKeep());

  private Dialects() {}

  /**
   * A decoder graph in plain form.
   *
   * @param model the graph, rewritten where its dialect asked for it
   * @param found the graph with the inputs and outputs it came with; branches between decoders are
   *     taken out of it, since nothing inside of them can be looked at
   * @param ports what it takes and gives
   * @param peculiarities what was found and translated, in words; often empty
   */
  public record Reading(
      ModelProto model, ModelProto found, DecoderInterface ports, List<String> peculiarities) {
    /** Takes a copy. */
    public Reading {
      peculiarities = List.copyOf(peculiarities);
    }
  }

  /**
   * Reads a graph.
   *
   * @param place its file, for messages
   * @param metadata its metadata entries
   * @throws dev.kvpress.runtime.ModelException if it is no decoder with a KV cache, or one that is
   *     not understood
   */
  public static Reading read(String place, ModelProto model, Map<String, String> metadata) {
    if (metadata.containsKey(OwnGraph.KEY_FORMAT)) {
      DecoderInterface ports = DecoderReader.read(place, model, metadata);
      return new Reading(model, model, ports, List.of());
    }
    List<String> peculiarities = new ArrayList<>();
    ModelProto found = translated(place, model, BRANCHES, peculiarities);
    ModelProto plain = EarlierTap.removed(found);
    for (Dialect dialect : BORDER) {
      plain = translated(place, plain, dialect, peculiarities);
    }
    return new Reading(plain, found, DecoderReader.read(place, plain, metadata), peculiarities);
  }

  private static ModelProto translated(
      String place, ModelProto model, Dialect dialect, List<String> peculiarities) {
    GraphEdit edit = new GraphEdit(model);
    Optional<String> found = dialect.translate(new PortList(place, model), edit);
    found.ifPresent(peculiarities::add);
    return found.isPresent() ? edit.build() : model;
  }
}
