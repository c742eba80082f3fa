package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import java.util.List;
import java.util.Optional;

/**
 * Makes of a decomposed graph one whose cache holds keys before rotation: {@code present} gives
 * them so, and the attention rotates the past by slot in every pass.
 *
 * <p>The new tokens stand at {@code position_ids}, as before; those of all rows must begin at the
 * same position N. The cached tokens of each layer stand right before it, at N − P to N − 1, so
 * that layers, rows and heads of any length share one table of cosines and sines: distances to the
 * query are what counts. Names, inputs and outputs stay; taps may have been put in before.
 */
public final class RolledKeys {
  private static final String FIRST = "pass.first_position";

  /** What a rotation's input is called by, in the order in which {@code RotaryEmbedding} writes. */
  private static final List<String> FIRST_PIECES = List.of(".turned", ".pairs", ".straight");

  private RolledKeys() {}

  /** Why a graph has no such form, as far as the graph itself tells; empty where it has one. */
  public static Optional<String> refusal(DecoderGraph graph) {
    return switch (graph.ports().form()) {
      case DECOMPOSED -> Optional.empty();
      case FOREIGN ->
          Optional.of(
              "its graph is none of ours, and where it rotates its keys is not known; open the checkpoint instead");
      default ->
          Optional.of(
              "its only graph has fused attention, which takes cached keys as they are; open the checkpoint or the decomposed graph instead");
    };
  }

  /**
   * The graph in this form.
   *
   * @param plain a decomposed graph of our own, tapped or not
   * @param turn writes the rotation
   */
  public static TappedGraph of(TappedGraph plain, CachedTurn turn) {
    GraphEdit edit = new GraphEdit(plain.model());
    boolean any = false;
    for (LayerPorts layer : plain.ports().layers()) {
      if (turn.turns(layer.layer())) {
        layer(edit, layer, turn);
        any = true;
      }
    }
    return any
        ? new TappedGraph(
            withOperators(edit.build()), plain.externalDataFolder(), plain.ports(), plain.request())
        : plain;
  }

  private static void layer(GraphEdit edit, LayerPorts ports, CachedTurn turn) {
    int layer = ports.layer();
    GraphBuilder graph = edit.added();
    String keys = OwnGraph.value(layer, "attention.keys");
    String straight = OwnGraph.value(layer, "attention.new_keys_before_rotation");
    graph.op(
        "Transpose",
        straight,
        List.of(GraphBuilder.attribute("perm", 0, 2, 1, 3)),
        beforeRotation(edit, keys));
    edit.setInput(ports.presentKey(), 1, straight);
    String slots = firstPosition(graph);
    String name = OwnGraph.value(layer, "attention.past_slots");
    String sizes = graph.op("Shape", name + ".sizes", ports.pastKey());
    String past = graph.op("Slice", name, sizes, graph.longs(2), graph.longs(3));
    String offset = graph.op("Sub", name + ".first", slots, past);
    String turned = turn.write(graph, layer, ports.pastKey(), slots, offset);
    edit.setInput(OwnGraph.pastScores(layer) + ".keys", 0, turned);
  }

  /** int64 {@code [1]}: where the first column of the new tokens stands. */
  private static String firstPosition(GraphBuilder graph) {
    if (graph.declare(FIRST)) {
      String flat = graph.op("Reshape", FIRST + ".flat", "position_ids", graph.longs(-1));
      graph.op("Slice", FIRST, flat, graph.longs(0), graph.longs(1));
    }
    return FIRST;
  }

  private static String beforeRotation(GraphEdit edit, String keys) {
    for (String piece : FIRST_PIECES) {
      if (edit.produces(keys + piece)) {
        return edit.producer(keys + piece).getInput(0);
      }
    }
    NodeProto writer = edit.producer(keys);
    throw new IllegalStateException(
        "expected a rotation before %s, found %s".formatted(keys, writer.getOpType()));
  }

  private static ModelProto withOperators(ModelProto model) {
    boolean known =
        model.getOpsetImportList().stream()
            .anyMatch(o -> o.getDomain().equals(GraphBuilder.CONTRIB));
    return known
        ? model
        : model.toBuilder()
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(GraphBuilder.CONTRIB).setVersion(1))
            .build();
  }
}
