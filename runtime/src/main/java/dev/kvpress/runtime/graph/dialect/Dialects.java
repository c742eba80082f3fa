package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.onnx.ModelProto;
import java.util.List;
import java.util.Map;

/** Reads decoder graphs of any dialect. */
public final class Dialects {
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
    return new Reading(model, DecoderReader.read(place, model, metadata), List.of());
  }
}
