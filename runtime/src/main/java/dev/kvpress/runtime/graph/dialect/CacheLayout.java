package dev.kvpress.runtime.graph.dialect;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Caches whose axes stand in another order, {@code [B,P,G,D]} or {@code [B,G,D,P]}, which is seen
 * by the one axis that is open. They are transposed at the border of the graph.
 */
final class CacheLayout implements Dialect {
  private static final int RANK = 4;

  @Override
  public Optional<String> translate(PortList ports, GraphEdit edit) {
    int found = 0;
    for (CachePorts.Layer layer : CachePorts.find(ports)) {
      for (CachePorts.Port port : List.of(layer.key(), layer.value())) {
        int open = openAxis(ports.shape(port.past()));
        if (open == 1 || open == RANK - 1) {
          transpose(ports, edit, port, open);
          found++;
        }
      }
    }
    return found == 0
        ? Optional.empty()
        : Optional.of("caches with their axes in another order, transposed at the border");
  }

  /** The only open axis behind the batch; −1 where there is none or there are several. */
  private static int openAxis(List<Long> shape) {
    int open = -1;
    for (int axis = 1; axis < shape.size(); axis++) {
      if (shape.get(axis) == PortList.OPEN) {
        if (open >= 0) {
          return -1;
        }
        open = axis;
      }
    }
    return shape.size() == RANK ? open : -1;
  }

  private static void transpose(PortList ports, GraphEdit edit, CachePorts.Port port, int open) {
    // Both orders change places with one swap, which is its own inverse.
    long[] swap = open == 1 ? new long[] {0, 2, 1, 3} : new long[] {0, 1, 3, 2};
    ElementType type = ports.type(port.past());
    List<Object> dims = new ArrayList<>();
    for (long axis : swap) {
      dims.add(ports.dims(port.past()).get((int) axis));
    }
    GraphBuilder added = edit.added();
    String past = Border.inside(edit, port.past());
    edit.input(port.past(), type, dims.toArray());
    added.op("Transpose", past, List.of(attribute("perm", swap)), port.past());
    String present = Border.inside(edit, port.present());
    added.op("Transpose", port.present(), List.of(attribute("perm", swap)), present);
    edit.output(port.present(), type, Border.grown(dims));
  }
}
