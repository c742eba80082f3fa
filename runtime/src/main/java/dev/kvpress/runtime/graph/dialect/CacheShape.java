package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.LayerPorts;
import java.util.List;

/**
 * What all caches of a graph have in common, {@code [B,G,P,D]}.
 *
 * @param type element type
 * @param kvHeads G
 * @param headSize D
 */
record CacheShape(ElementType type, int kvHeads, int headSize) {
  /** Beyond any model; what claims more would only fill the memory. */
  private static final long MOST = 1 << 16;

  /** Reads it from the first layer and holds the others against it. */
  static CacheShape of(PortList ports, List<LayerPorts> layers) {
    String first = layers.get(0).pastKey();
    CacheShape shape =
        new CacheShape(
            floats(ports, first),
            fixed(ports, first, 1, "KV heads"),
            fixed(ports, first, 3, "head size"));
    for (LayerPorts layer : layers) {
      shape.require(ports, layer.pastKey());
      shape.require(ports, layer.pastValue());
    }
    return shape;
  }

  private void require(PortList ports, String name) {
    if (fixed(ports, name, 1, "KV heads") != kvHeads
        || fixed(ports, name, 3, "head size") != headSize
        || ports.type(name) != type) {
      throw new ModelException(
          "%s: input %s must be %s with %d KV heads of size %d as in the first layer, found %s %s"
              .formatted(
                  ports.place(),
                  name,
                  type,
                  kvHeads,
                  headSize,
                  ports.type(name),
                  ports.shape(name)));
    }
    long past = ports.shape(name).get(2);
    if (past != PortList.OPEN) {
      throw new ModelException(
          "%s: input %s has a cache of the fixed length %d; export the model with a past of any length"
              .formatted(ports.place(), name, past));
    }
  }

  private static ElementType floats(PortList ports, String name) {
    ElementType type = ports.type(name);
    if (!type.isFloat()) {
      throw new ModelException(
          "%s: input %s must be a cache of floats, found %s".formatted(ports.place(), name, type));
    }
    return type;
  }

  private static int fixed(PortList ports, String name, int axis, String what) {
    List<Long> shape = ports.shape(name);
    if (shape.size() != 4 || shape.get(axis) < 1 || shape.get(axis) > MOST) {
      throw new ModelException(
          "%s: input %s must have shape [batch, KV heads, past, head size] with a fixed number of %s, found %s (-1 is open)"
              .formatted(ports.place(), name, what, shape));
    }
    return Math.toIntExact(shape.get(axis));
  }
}
