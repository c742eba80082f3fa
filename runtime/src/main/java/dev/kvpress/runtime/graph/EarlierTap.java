package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Signals that a tap has written into a graph of somebody else. They are taken out before it is
 * read, so that it can be tapped anew.
 */
public final class EarlierTap {
  private static final List<String> SIGNALS =
      List.of(
          SignalNames.SUMS,
          SignalNames.ROWS,
          SignalNames.ATTENTIONS,
          SignalNames.QUERIES,
          SignalNames.QUERIES_PRE_ROPE,
          SignalNames.HIDDEN_STATES);

  private EarlierTap() {}

  /** The graph without them; the one that went in where it had none. */
  public static ModelProto removed(ModelProto model) {
    Map<String, NodeProto> writers = new TreeMap<>();
    for (NodeProto node : model.getGraph().getNodeList()) {
      node.getOutputList().forEach(output -> writers.put(output, node));
    }
    Set<String> names = writers.keySet();
    if (names.stream().noneMatch(name -> name.startsWith(SignalNames.TAP))) {
      return model;
    }
    GraphEdit edit = new GraphEdit(model);
    names.stream()
        .filter(name -> SIGNALS.stream().anyMatch(name::startsWith))
        .filter(edit::hasOutput)
        .filter(name -> isOfATap(name, writers))
        .forEach(edit::removeOutput);
    edit.removeWaits();
    return edit.build();
  }

  /** A graph may give whole attentions by itself, whereas a tap copies what it has prepared. */
  private static boolean isOfATap(String signal, Map<String, NodeProto> writers) {
    NodeProto writer = writers.get(signal);
    return !signal.startsWith(SignalNames.ATTENTIONS)
        || (writer != null && writer.getInput(0).startsWith(SignalNames.TAP));
  }
}
