package dev.kvpress.runtime.export.architecture;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.CachedTurn;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rotates cached keys by slot with the rotary embeddings of a decoder, in graphs of {@link
 * DecoderWriter}: the same frequencies as its {@link RotaryEmbedding}, whose constant or value is
 * read, and one operator of ONNX Runtime for each layer, which reads and writes the keys once.
 *
 * <p>Where frequencies depend on the length of the text, all keys are turned by those for {@code
 * sequence_length} of the pass, which is the length of the cache with the new tokens: a model sees
 * no longer text than that. Tables are then those of the first row.
 */
public final class SlotRotation implements CachedTurn {
  private final DecoderConfig config;

  /** Rotates as a decoder does. */
  public SlotRotation(DecoderConfig config) {
    this.config = config;
  }

  /**
   * Why tokens of a decoder cannot stand at their slots; empty where they can. ALiBi and windows go
   * by positions that a pass is given, layers without any embedding by none.
   */
  public static Optional<String> refusal(DecoderConfig config) {
    boolean byPosition =
        !config.ropes().isEmpty()
            || config.plan().stream().allMatch(l -> !l.attention().alibiSlopes().isEmpty());
    return byPosition
        ? Optional.empty()
        : Optional.of(
            "%s has learned position embeddings, which are added to a token before its first layer and cannot be taken back when it moves to another slot"
                .formatted(config.architecture()));
  }

  @Override
  public boolean turns(int layer) {
    return config.plan().get(layer).rope() != LayerPlan.NO_ROPE;
  }

  @Override
  public String write(GraphBuilder graph, int layer, String keys, String slots, String offset) {
    int index = config.plan().get(layer).rope();
    Rope rope = config.ropes().get(index);
    String angles = angles(graph, rope, index, slots);
    String cos = table(graph, rope, "Cos", angles);
    String sin = table(graph, rope, "Sin", angles);
    String turned = keys + ".by_slot";
    graph.add(
        GraphBuilder.CONTRIB,
        "RotaryEmbedding",
        attributes(rope),
        List.of(turned),
        List.of(keys, offset, cos, sin));
    return turned;
  }

  /** {@code [N,pairs]}: slot times frequency. */
  private static String angles(GraphBuilder graph, Rope rope, int index, String slots) {
    String name = "pass.slots.angles_" + index;
    if (graph.declare(name)) {
      String frequencies = RotaryEmbedding.frequenciesName(index);
      if (rope.dependsOnLength()) {
        String flat = graph.op("Reshape", name + ".flat", frequencies, graph.longs(-1));
        frequencies =
            graph.op("Slice", name + ".row", flat, graph.longs(0), graph.longs(rope.pairs()));
      }
      graph.op("Mul", name, column(graph, slots), frequencies);
    }
    return name;
  }

  /** float {@code [N,1]}: 0 to N − 1. */
  private static String column(GraphBuilder graph, String slots) {
    String name = "pass.slots.column";
    if (graph.declare(name)) {
      String count = graph.op("Squeeze", name + ".count", slots);
      String each =
          graph.op("Range", name + ".each", graph.longScalar(0), count, graph.longScalar(1));
      String floats = graph.op("Cast", name + ".floats", List.of(attribute("to", 1)), each);
      graph.op("Unsqueeze", name, floats, graph.longs(1));
    }
    return name;
  }

  private static String table(GraphBuilder graph, Rope rope, String function, String angles) {
    String name = angles + "." + function.toLowerCase(java.util.Locale.ROOT);
    if (graph.declare(name)) {
      boolean scaled = rope.attentionScaling() != 1;
      String plain = graph.op(function, scaled ? name + ".plain" : name, angles);
      if (scaled) {
        graph.op("Mul", name, plain, graph.floatScalar((float) rope.attentionScaling()));
      }
    }
    return name;
  }

  private List<AttributeProto> attributes(Rope rope) {
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(attribute("interleaved", rope.interleaved() ? 1 : 0));
    if (2 * rope.pairs() < config.headDim()) {
      attributes.add(attribute("rotary_embedding_dim", 2L * rope.pairs()));
      attributes.add(attribute("num_heads", config.kvHeads()));
    }
    return attributes;
  }
}
