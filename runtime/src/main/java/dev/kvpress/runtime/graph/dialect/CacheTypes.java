package dev.kvpress.runtime.graph.dialect;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphEdit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Caches of which some are float16 and some float32, or that come back in another type than they
 * went in. All become float32 at the border, where every number of the shorter type is one too.
 */
final class CacheTypes implements Dialect {

  @Override
  public Optional<String> translate(PortList ports, GraphEdit edit) {
    List<CachePorts.Layer> layers = CachePorts.find(ports);
    Set<ElementType> types = new LinkedHashSet<>();
    for (CachePorts.Layer layer : layers) {
      for (CachePorts.Port port : List.of(layer.key(), layer.value())) {
        types.add(ports.type(port.past()));
        types.add(ports.type(port.present()));
      }
    }
    if (types.size() < 2 || !types.stream().allMatch(ElementType::isFloat)) {
      return Optional.empty();
    }
    for (CachePorts.Layer layer : layers) {
      for (CachePorts.Port port : List.of(layer.key(), layer.value())) {
        widen(ports, edit, port);
      }
    }
    return Optional.of("caches of several float types, cast to float32 at the border");
  }

  private static void widen(PortList ports, GraphEdit edit, CachePorts.Port port) {
    ElementType inside = ports.type(port.past());
    if (inside != ElementType.FLOAT32) {
      String past = Border.inside(edit, port.past());
      edit.input(port.past(), ElementType.FLOAT32, ports.dims(port.past()).toArray());
      cast(edit, past, port.past(), inside);
    }
    if (ports.type(port.present()) != ElementType.FLOAT32) {
      String present = Border.inside(edit, port.present());
      edit.output(port.present(), ElementType.FLOAT32, ports.dims(port.present()).toArray());
      cast(edit, port.present(), present, ElementType.FLOAT32);
    }
  }

  private static void cast(GraphEdit edit, String name, String value, ElementType to) {
    edit.added().op("Cast", name, List.of(attribute("to", to.onnxNumber())), value);
  }
}
