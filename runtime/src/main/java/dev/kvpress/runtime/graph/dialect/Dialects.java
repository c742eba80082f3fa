package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.onnx.ModelProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads decoder graphs of any dialect. */
public final class Dialects {
  /** In this order: what is inside a branch must come out before anything else is seen. */
  private static final List<Dialect> ALL =
      List.of(
          new MergedDecoder(),
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
   * @param ports what it takes and gives
   * @param peculiarities what was found and translated, in words; often empty
   */
  public record Reading(ModelProto model, DecoderInterface ports, List<String> peculiarities) {
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
      return new Reading(model, DecoderReader.read(place, model, metadata), List.of());
    }
    ModelProto plain = model;
    List<String> peculiarities = new ArrayList<>();
    for (Dialect dialect : ALL) {
      GraphEdit edit = new GraphEdit(plain);
      Optional<String> found = dialect.translate(new PortList(place, plain), edit);
      if (found.isPresent()) {
        plain = edit.build();
        peculiarities.add(found.get());
      }
    }
    return new Reading(plain, DecoderReader.read(place, plain, metadata), peculiarities);
  }
}
