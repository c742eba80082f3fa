package dev.kvpress.runtime.graph.dialect;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keys and values of a layer stacked in one tensor: {@code past_0} {@code [2,B,G,P,D]} and {@code
 * present_0}, as ONNX Runtime's tools write GPT-2. They are split at the border of the graph.
 */
final class StackedCaches implements Dialect {
  private static final int RANK = 5;

  @Override
  public Optional<String> translate(PortList ports, GraphEdit edit) {
    int found = 0;
    for (String past : List.copyOf(ports.inputs())) {
      Optional<Integer> layer = CacheName.layerOfBoth(past);
      if (layer.isPresent() && ports.shape(past).size() == RANK) {
        split(ports, edit, past, present(ports, past, layer.get()));
        found++;
      }
    }
    return found == 0
        ? Optional.empty()
        : Optional.of("keys and values stacked in one tensor, split at the border of the graph");
  }

  private static String present(PortList ports, String past, int layer) {
    return ports.outputs().stream()
        .filter(name -> CacheName.layerOfBoth(name).filter(n -> n == layer).isPresent())
        .findFirst()
        .orElseThrow(
            () ->
                new ModelException(
                    "%s: no output gives the cache of layer %d back that input %s takes; outputs are %s"
                        .formatted(
                            ports.place(), layer, past, String.join(", ", ports.outputs()))));
  }

  private static void split(PortList ports, GraphEdit edit, String past, String present) {
    int axis = ports.shape(past).indexOf(2L);
    if (axis != 0 && axis != 1) {
      throw new ModelException(
          "%s: input %s must have shape [2, batch, KV heads, past, head size] or [batch, 2, …], found %s (-1 is open)"
              .formatted(ports.place(), past, ports.shape(past)));
    }
    ElementType type = ports.type(past);
    List<Object> dims = new ArrayList<>(ports.dims(past));
    dims.remove(axis);
    GraphBuilder added = edit.added();
    List<String> halves = new ArrayList<>();
    for (String half : List.of(".key", ".value")) {
      edit.input(past + half, type, dims.toArray());
      halves.add(Border.unsqueeze(edit, past + half + ".stacked", past + half, axis));
      added.op(
          "Gather",
          present + half,
          List.of(attribute("axis", axis)),
          present,
          added.longScalar(half.equals(".key") ? 0 : 1));
      edit.output(present + half, type, Border.grown(dims));
    }
    edit.removeInput(past);
    edit.removeOutput(present);
    added.op("Concat", past, List.of(attribute("axis", axis)), halves.get(0), halves.get(1));
  }
}
