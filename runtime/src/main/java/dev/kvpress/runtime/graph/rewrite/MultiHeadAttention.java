package dev.kvpress.runtime.graph.rewrite;

import dev.kvpress.runtime.graph.GraphBuilder;
import java.util.Optional;
import java.util.Set;

/**
 * MultiHeadAttention of ONNX Runtime over its own past, or over keys and values that were appended
 * before; queries, keys and values apart.
 */
final class MultiHeadAttention implements OperatorRewriter {
  private static final Set<String> ATTRIBUTES =
      Set.of("num_heads", "scale", "mask_filter_value", "unidirectional");
  private static final int BIAS = 3;
  private static final int PADDING_MASK = 4;
  private static final int ATTENTION_BIAS = 5;
  private static final int PAST_KEY = 6;
  private static final int PAST_VALUE = 7;
  private static final int KNOWN_INPUTS = 10;

  @Override
  public String operator() {
    return "MultiHeadAttention";
  }

  @Override
  public String domain() {
    return GraphBuilder.CONTRIB;
  }

  @Override
  public int rewrite(OperatorNode node, RewriteSite site) throws NotRewritable {
    node.allowAttributes(ATTRIBUTES);
    node.allowInputs(KNOWN_INPUTS);
    node.refuseInput(8, "past_sequence_length", "means one buffer for past and present");
    node.refuseInput(9, "cache_indirection", "belongs to beam search");
    if (node.output(3).isPresent()) {
      throw new NotRewritable("its fourth output gives scores before the softmax");
    }
    int heads = node.count("num_heads");
    String query = node.input(0, "query");
    String key =
        node.input(1)
            .orElseThrow(
                () -> new NotRewritable("queries, keys and values are packed in one input"));
    String value =
        node.input(2)
            .orElseThrow(() -> new NotRewritable("keys and values are packed in one input"));
    String context = node.context();
    String name = context + ".plain.";
    String queries = site.heads(name + "q", biased(node, site, name + "q", query, 0, heads), heads);
    boolean appended = node.input(PAST_KEY).isEmpty();
    String keys;
    String values;
    if (appended) {
      if (site.trace().rankOf(key) != 4 || site.trace().rankOf(value) != 4) {
        throw new NotRewritable(
            "it has no past, and its keys and values are no cached tensors [B,H,T,D]");
      }
      node.refuseInput(BIAS, "bias", "would be added to cached keys");
      node.requireAttribute("unidirectional", 0, "counts from the first of the keys it is given");
      keys = key;
      values = value;
    } else {
      site.requireHeadsOfCache(heads);
      String newKeys = site.heads(name + "k", biased(node, site, name + "k", key, 1, heads), heads);
      String newValues =
          site.heads(name + "v", biased(node, site, name + "v", value, 2, heads), heads);
      keys =
          site.appended(
              node.output(1).orElse(name + "keys_all"), node.input(PAST_KEY, "past_key"), newKeys);
      values =
          site.appended(
              node.output(2).orElse(name + "values_all"),
              node.input(PAST_VALUE, "past_value"),
              newValues);
    }
    site.write(
        AttentionParts.of(
            queries,
            keys,
            values,
            node.scale(site.headSize()),
            site.masks(node, PADDING_MASK, "key_padding_mask", ATTENTION_BIAS, name),
            context,
            site.trace().typeOf(keys).orElse(site.cacheType())));
    return heads;
  }

  /** Adds the part of the bias that belongs to queries, keys or values. */
  private static String biased(
      OperatorNode node, RewriteSite site, String name, String flat, int part, int heads) {
    Optional<String> bias = node.input(BIAS);
    if (bias.isEmpty()) {
      return flat;
    }
    GraphBuilder graph = site.graph();
    long width = (long) heads * site.headSize();
    String own =
        graph.op(
            "Slice",
            name + ".bias",
            bias.get(),
            graph.longs(part * width),
            graph.longs((part + 1) * width));
    return graph.op("Add", name + ".biased", flat, own);
  }
}
