package dev.kvpress.runtime.graph.graft;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.graph.LayerPorts;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names of sizes that a file leaves open.
 *
 * <p>Two sizes of one name are equal, says a file, and ONNX Runtime lets values of equal shapes
 * share a buffer, which fails in a pass where they differ. After a graft the caches of two layers
 * may, so that each layer gets names of its own, and of other values only those names stay that say
 * nothing about caches.
 */
final class SizeNames {
  private final Map<String, Integer> layers = new HashMap<>();
  private final Set<String> kept = new HashSet<>();

  private SizeNames(GraphEdit edit, DecoderInterface ports) {
    Set<String> ofCaches = new HashSet<>();
    for (LayerPorts layer : ports.layers()) {
      for (String cache : caches(layer)) {
        layers.put(cache, layer.layer());
        ofCaches.addAll(edit.sizeNames(cache));
      }
    }
    List<String> ofIds = edit.sizeNames(ports.inputIds());
    for (int axis = 0; axis < ofIds.size(); axis++) {
      // Caches have the batch in common with the ids, and nothing else.
      if (axis == 0 || !ofCaches.contains(ofIds.get(axis))) {
        kept.add(ofIds.get(axis));
      }
    }
  }

  static void separate(GraphEdit edit, DecoderInterface ports) {
    edit.renameSizes(new SizeNames(edit, ports)::renamed);
  }

  private String renamed(String value, String name) {
    if (kept.contains(name)) {
      return name;
    }
    Integer layer = layers.get(value);
    return layer == null || name.isEmpty() ? "" : name + "." + layer;
  }

  private static List<String> caches(LayerPorts layer) {
    return List.of(layer.pastKey(), layer.pastValue(), layer.presentKey(), layer.presentValue());
  }
}
