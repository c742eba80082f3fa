package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphFile;
import dev.kvpress.runtime.graph.GraphSignal;
import dev.kvpress.runtime.graph.SignalBranches;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.nio.file.Path;
import java.util.List;

/**
 * A copy of somebody's graph that gives signals as further outputs, for use by other programs.
 *
 * @param graph the graph it was made from
 * @param signals names of the outputs that were added
 * @param weights where its weights are
 * @param droppedInputs inputs of the graph that the copy does not have
 */
public record TappedCopy(
    Path graph, List<String> signals, GraphFile.Written weights, List<String> droppedInputs) {
  /** Keeps copies. */
  public TappedCopy {
    signals = List.copyOf(signals);
    droppedInputs = List.copyOf(droppedInputs);
  }

  /**
   * Writes one.
   *
   * @param model an ONNX file or a folder that holds one
   * @param output the file to write; it must not exist
   * @throws ModelException if the model is no graph, cannot give a signal or cannot be written
   */
  public static TappedCopy write(
      Path model, DecoderOptions options, TapRequest request, Path output) {
    if (GraphFinder.find(model).isEmpty()) {
      throw new ModelException(
          "%s: expected an ONNX graph or a folder that holds one, found none; bin/compare export writes a checkpoint as a graph with signals"
              .formatted(model));
    }
    try (DecoderModel loaded = DecoderModel.open(model, options)) {
      for (GraphSignal signal : request.signals()) {
        loaded
            .refusal(signal)
            .ifPresent(
                reason -> {
                  throw new ModelException(
                      "%s cannot give %s: %s".formatted(model, signal.title(), reason));
                });
      }
      DecoderGraph graph = loaded.graph();
      ModelProto tapped = SignalBranches.add(graph, request);
      int before = graph.outputs().size();
      return new TappedCopy(
          graph.file(),
          tapped.getGraph().getOutputList().stream()
              .skip(before)
              .map(ValueInfoProto::getName)
              .toList(),
          GraphFile.write(tapped, graph.folder(), output),
          graph.droppedInputs());
    }
  }
}
