package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.ModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds by their names the inputs that hold the caches of layers, and the outputs they become. */
final class CachePorts {

  /** One half of a layer's cache. */
  record Port(String past, String present) {}

  /** Both halves. */
  record Layer(int number, Port key, Port value) {}

  private CachePorts() {}

  /**
   * Looks for them.
   *
   * @return layers in ascending order; empty if the graph has no cache that is named so
   * @throws ModelException if a half is missing or said twice
   */
  static List<Layer> find(PortList ports) {
    Map<CacheName, String> pasts = new TreeMap<>(CacheName.ORDER);
    for (String input : ports.inputs()) {
      put(ports, pasts, input, "inputs");
    }
    Map<CacheName, String> presents = new HashMap<>();
    for (String output : ports.outputs()) {
      // A graph may emit keys under other names too; those called after the input go first.
      put(ports, presents, output, "outputs");
    }
    List<Layer> layers = new ArrayList<>();
    for (CacheName name : pasts.keySet()) {
      if (name.key() || !pasts.containsKey(name.other())) {
        layers.add(
            new Layer(
                name.layer(),
                port(ports, pasts, presents, new CacheName(name.layer(), true)),
                port(ports, pasts, presents, new CacheName(name.layer(), false))));
      }
    }
    return layers;
  }

  private static void put(PortList ports, Map<CacheName, String> found, String name, String where) {
    Optional<CacheName> read = CacheName.read(name);
    if (read.isPresent()) {
      String before = found.putIfAbsent(read.get(), name);
      if (before != null) {
        throw new ModelException(
            "%s: %s %s and %s both name the %s of layer %d"
                .formatted(
                    ports.place(), where, before, name, read.get().half(), read.get().layer()));
      }
    }
  }

  private static Port port(
      PortList ports,
      Map<CacheName, String> pasts,
      Map<CacheName, String> presents,
      CacheName wanted) {
    String past = pasts.get(wanted);
    if (past == null) {
      throw new ModelException(
          "%s: input %s has no counterpart for the %s of layer %d; inputs are %s"
              .formatted(
                  ports.place(),
                  pasts.get(wanted.other()),
                  wanted.half(),
                  wanted.layer(),
                  String.join(", ", ports.inputs())));
    }
    String present = presents.get(wanted);
    if (present == null) {
      throw new ModelException(
          "%s: no output gives the %s of layer %d back that input %s takes; outputs are %s"
              .formatted(
                  ports.place(),
                  wanted.half(),
                  wanted.layer(),
                  past,
                  String.join(", ", ports.outputs())));
    }
    return new Port(past, present);
  }
}
