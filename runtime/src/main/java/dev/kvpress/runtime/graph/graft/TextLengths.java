package dev.kvpress.runtime.graph.graft;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.graph.trace.CacheTrace.CacheLength;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.HashMap;
import java.util.Map;

/** Lets nodes that ask how long a cache is find the length of the text in its place. */
final class TextLengths {
  private final GraphEdit edit;
  private final DecoderInterface ports;
  private final PassLengths lengths;
  private final Map<String, String> real = new HashMap<>();

  TextLengths(GraphEdit edit, DecoderInterface ports, PassLengths lengths) {
    this.edit = edit;
    this.ports = ports;
    this.lengths = lengths;
  }

  /** Replaces what a Shape node of an image of the cache gives. */
  void replace(NodeProto shape, CacheLength cache) {
    String value = shape.getOutput(0);
    real.put(value, edit.interpose(value));
    LayerPorts layer = ports.layers().get(cache.layer());
    lengthened(shape, cache, value, lengths.removed(layer));
  }

  /** What a Shape node gave before, for a layer other than its own too. */
  String real(NodeProto shape, CacheLength cache, int layer) {
    String value = shape.getOutput(0);
    if (layer == cache.layer()) {
      return real.getOrDefault(value, value);
    }
    GraphBuilder added = edit.added();
    String name = value + ".of_layer." + ports.layers().get(layer).layer();
    if (added.declare(name)) {
      String more =
          added.op(
              "Sub",
              name + ".more",
              lengths.past(ports.layers().get(layer)),
              lengths.past(ports.layers().get(cache.layer())));
      lengthened(shape, cache, name, more);
    }
    return name;
  }

  /** Writes the shape under a name, with so many more tokens on the axis of the tokens. */
  private void lengthened(NodeProto shape, CacheLength cache, String name, String more) {
    GraphBuilder added = edit.added();
    NodeAttributes attributes = new NodeAttributes(shape);
    boolean part = !attributes.names().isEmpty();
    int axis = cache.tokenAxis();
    String all = added.op("Shape", name + ".all", shape.getInput(0));
    String outer = slice(name + ".outer", all, 0, -axis);
    String tokens = slice(name + ".tokens", all, -axis, axis == 1 ? Long.MAX_VALUE : 1 - axis);
    String longer = added.op("Add", name + ".longer", tokens, more);
    String whole = part ? name + ".whole" : name;
    if (axis == 1) {
      lengths.concat(whole, outer, longer);
    } else {
      lengths.concat(whole, outer, longer, slice(name + ".inner", all, 1 - axis, Long.MAX_VALUE));
    }
    if (part) {
      long end = attributes.integer("end", Long.MAX_VALUE);
      slice(name, whole, attributes.integer("start", 0), end);
    }
  }

  private String slice(String name, String value, long from, long to) {
    GraphBuilder added = edit.added();
    return added.op("Slice", name, value, added.longs(from), added.longs(to));
  }
}
