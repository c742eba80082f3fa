package dev.kvpress.runtime.graph.graft;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.GraphValues;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.trace.CacheTrace;
import dev.kvpress.runtime.graph.trace.LayerTrace.ShapeOperand;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives what shapes the cached tensors of a layer the length that this layer has, wherever the
 * graph took the length from: it may have asked the cache of another layer or the mask.
 */
final class LayerShapes {
  private final GraphEdit edit;
  private final GraphIndex index;
  private final DecoderInterface ports;
  private final CacheTrace trace;
  private final PassLengths lengths;
  private final TextLengths texts;

  LayerShapes(
      GraphEdit edit,
      GraphIndex index,
      DecoderInterface ports,
      CacheTrace trace,
      PassLengths lengths,
      TextLengths texts) {
    this.edit = edit;
    this.index = index;
    this.ports = ports;
    this.trace = trace;
    this.lengths = lengths;
    this.texts = texts;
  }

  void apply(int layer) {
    Map<String, String> written = new HashMap<>();
    for (ShapeOperand operand : trace.layer(layer).shapes()) {
      NodeProto node = operand.node();
      String shape = copy(layer, node.getInput(operand.input()), written);
      edit.setInput(node.getOutput(0), operand.input(), shape);
    }
  }

  /** The value as it is for this layer; values that do not follow from lengths stay themselves. */
  private String copy(int layer, String value, Map<String, String> written) {
    if (!trace.variesWithLength(value)) {
      return value;
    }
    String ready = written.get(value);
    if (ready != null) {
      return ready;
    }
    NodeProto writer = index.writer(value);
    if (writer == null) {
      return remember(written, value, mask(layer, value));
    }
    CacheTrace.CacheLength length = trace.lengths().get(writer);
    if (length != null) {
      return remember(written, value, texts.real(writer, length, layer));
    }
    String suffix = ".of_layer." + ports.layers().get(layer).layer();
    Map<String, String> names = new HashMap<>();
    writer.getOutputList().forEach(output -> names.put(output, output + suffix));
    written.putAll(names);
    GraphValues.reads(writer).forEach(read -> names.put(read, copy(layer, read, written)));
    NodeProto.Builder node = GraphValues.renamed(writer, names).toBuilder();
    edit.added().add(node.setName(writer.getOutput(0) + suffix).build());
    return value + suffix;
  }

  private static String remember(Map<String, String> written, String value, String name) {
    written.put(value, name);
    return name;
  }

  /** The mask over as many tokens as the layer has; only its size is of use. */
  private String mask(int layer, String mask) {
    LayerPorts names = ports.layers().get(layer);
    GraphBuilder added = edit.added();
    String name = "graft.mask." + names.layer();
    String start = added.op("Neg", name + ".start", lengths.total(names));
    return added.op("Slice", name, mask, start, added.longs(Long.MAX_VALUE), added.longs(1));
  }
}
