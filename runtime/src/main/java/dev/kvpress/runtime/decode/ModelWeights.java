package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.WeightSizes;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphWeights;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the weights of a loaded model are stored.
 *
 * @param label in words, the largest share first: {@code int8}, {@code int4 (MatMulNBits) and f16}
 * @param format of the largest share; empty where it is none that the exporter knows
 * @param quantized whether that share is stored in few bits with scales
 * @param bytes of all weights, each counted once and without what the engine arranges anew
 * @param exported whether they were written from a checkpoint, so that another format can be had
 */
public record ModelWeights(
    String label, Optional<WeightFormat> format, boolean quantized, long bytes, boolean exported) {
  /** Checks what is there. */
  public ModelWeights {
    requireNonNull(label, "label is null");
    requireNonNull(format, "format is null");
  }

  /**
   * What a checkpoint's weights can be stored as; empty for graphs, whose weights are what they
   * are. Reads headers, no numbers.
   *
   * @param model what {@link DecoderModel#open} takes
   * @throws ModelException if it cannot be read or used
   */
  public static Optional<WeightSizes> sizes(Path model) {
    if (GraphFinder.find(model).isPresent()) {
      return Optional.empty();
    }
    OtherFormats.refuse(model);
    return Optional.of(Checkpoint.open(model).weightSizes(true));
  }

  static ModelWeights of(DecoderGraph graph, boolean exported) {
    GraphWeights found = GraphWeights.of(graph);
    return new ModelWeights(
        found.label(), WeightFormat.of(found.format()), found.quantized(), found.bytes(), exported);
  }

  /**
   * Refuses a format that a graph's weights do not have.
   *
   * @throws ModelException saying how to get it
   */
  void require(WeightFormat wanted, Path graph) {
    if (wanted != WeightFormat.STORED && !format.equals(Optional.of(wanted))) {
      throw new ModelException(
          "%s: the weights of this graph are %s, but --weights asks for %s; give the checkpoint that the graph was made from with --weights %s, or leave --weights out"
              .formatted(graph, label, wanted.label(), wanted.label()));
    }
  }
}
