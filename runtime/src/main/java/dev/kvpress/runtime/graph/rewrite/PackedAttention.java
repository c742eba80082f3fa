package dev.kvpress.runtime.graph.rewrite;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Attention of ONNX Runtime, as its own tools write GPT-2: one weight projects queries, keys and
 * values, and the cache is stacked, {@code [2,B,H,P,D]}.
 */
final class PackedAttention implements OperatorRewriter {
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "num_heads",
          "scale",
          "mask_filter_value",
          "unidirectional",
          "do_rotary",
          "rotary_embedding_dim",
          "qkv_hidden_sizes",
          "past_present_share_buffer");
  private static final int BIAS = 2;
  private static final int MASK = 3;
  private static final int PAST = 4;
  private static final int ATTENTION_BIAS = 5;
  private static final int KNOWN_INPUTS = 7;

  @Override
  public String operator() {
    return "Attention";
  }

  @Override
  public String domain() {
    return GraphBuilder.CONTRIB;
  }

  @Override
  public int rewrite(OperatorNode node, RewriteSite site) throws NotRewritable {
    node.allowAttributes(ATTRIBUTES);
    node.allowInputs(KNOWN_INPUTS);
    node.requireAttribute("do_rotary", 0, "rotary embedding without tables");
    node.requireAttribute("past_present_share_buffer", 0, "one buffer for past and present");
    node.refuseInput(6, "past_sequence_length", "means one buffer for past and present");
    int heads = node.count("num_heads");
    long width = (long) heads * site.headSize();
    site.requireHeadsOfCache(heads);
    requireEqualThirds(node, site, width);
    GraphBuilder graph = site.graph();
    String context = node.context();
    String name = context + ".plain.";
    String projected =
        graph.op("MatMul", name + "projected", node.input(0, "input"), node.input(1, "weights"));
    if (node.input(BIAS).isPresent()) {
      projected = graph.op("Add", name + "biased", projected, node.input(BIAS).get());
    }
    String queries =
        site.heads(name + "q", site.columns(name + "q.packed", projected, 0, width), heads);
    String newKeys =
        site.heads(name + "k", site.columns(name + "k.packed", projected, width, 2 * width), heads);
    String newValues =
        site.heads(
            name + "v", site.columns(name + "v.packed", projected, 2 * width, 3 * width), heads);

    String past = node.input(PAST, "past");
    List<AttributeProto> first = List.of(attribute("axis", 0));
    String pastKeys = graph.op("Gather", name + "past_keys", first, past, graph.longScalar(0));
    String pastValues = graph.op("Gather", name + "past_values", first, past, graph.longScalar(1));
    String keys = site.appended(name + "keys_all", pastKeys, newKeys);
    String values = site.appended(name + "values_all", pastValues, newValues);
    if (node.output(1).isPresent()) {
      String keyHalf = graph.op("Unsqueeze", name + "key_half", keys, graph.longs(0));
      String valueHalf = graph.op("Unsqueeze", name + "value_half", values, graph.longs(0));
      graph.op("Concat", node.output(1).get(), first, keyHalf, valueHalf);
    }
    site.write(
        AttentionParts.of(
            queries,
            keys,
            values,
            node.scale(site.headSize()),
            site.masks(node, MASK, "mask_index", ATTENTION_BIAS, name),
            context,
            site.cacheType()));
    return heads;
  }

  private static void requireEqualThirds(OperatorNode node, RewriteSite site, long width)
      throws NotRewritable {
    Optional<long[]> sizes = node.integers("qkv_hidden_sizes");
    if (sizes.isPresent()) {
      for (long size : sizes.get()) {
        if (size != width) {
          throw new NotRewritable(
              "attribute qkv_hidden_sizes has %d where heads have %d channels"
                  .formatted(size, width));
        }
      }
    }
    String weights = node.input(1, "weights");
    Optional<List<Long>> shape = site.sizes(weights);
    if (shape.isPresent() && (shape.get().size() != 2 || shape.get().get(1) != 3 * width)) {
      throw new NotRewritable(
          "input weights (%s) has shape %s, expected [hidden, %d]"
              .formatted(weights, shape.get(), 3 * width));
    }
  }
}
