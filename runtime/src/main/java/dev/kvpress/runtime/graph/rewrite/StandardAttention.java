package dev.kvpress.runtime.graph.rewrite;

import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The Attention operator of ONNX, opset 23 and 24: over its own past or over keys and values that
 * were appended before, in three or four dimensions.
 */
final class StandardAttention implements OperatorRewriter {
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "is_causal",
          "q_num_heads",
          "kv_num_heads",
          "qk_matmul_output_mode",
          "scale",
          "softcap",
          "softmax_precision");
  private static final int MASK = 3;
  private static final int PAST_KEY = 4;
  private static final int PAST_VALUE = 5;
  private static final int KNOWN_INPUTS = 7;
  private static final int AFTER_SOFTMAX = 3;

  @Override
  public String operator() {
    return "Attention";
  }

  @Override
  public String domain() {
    return "";
  }

  @Override
  public int rewrite(OperatorNode node, RewriteSite site) throws NotRewritable {
    node.allowAttributes(ATTRIBUTES);
    node.allowInputs(KNOWN_INPUTS);
    node.refuseInput(6, "nonpad_kv_seqlen", "means a buffer that is only filled in part");
    String context = node.context();
    String name = context + ".plain.";
    String query = node.input(0, "Q");
    String key = node.input(1, "K");
    String value = node.input(2, "V");
    int heads = node.optionalCount("q_num_heads");
    int kvHeads = node.optionalCount("kv_num_heads");
    // The operator asks for the numbers of heads where heads are not an axis of their own.
    boolean flat = heads > 0;
    if (flat && kvHeads < 1) {
      throw new NotRewritable("it has q_num_heads, but no kv_num_heads");
    }
    String queries = flat ? site.heads(name + "q", query, heads) : site.floats(name + "q", query);
    boolean own = node.input(PAST_KEY).isPresent();
    if (!own) {
      node.requireAttribute("is_causal", 0, "counts from the first of the keys it is given");
    }
    if (!own && (site.trace().rankOf(key) != 4 || site.trace().rankOf(value) != 4)) {
      throw new NotRewritable(
          "it has no past, and its keys and values are no cached tensors [B,G,T,D]");
    }
    String keys = own ? present(node, site, 1, PAST_KEY, name + "k", key, flat, kvHeads) : key;
    String values =
        own ? present(node, site, 2, PAST_VALUE, name + "v", value, flat, kvHeads) : value;
    site.write(
        AttentionParts.of(
                queries,
                keys,
                values,
                node.scale(site.headSize()),
                masks(node, site, name),
                context,
                site.trace().typeOf(keys).orElse(site.cacheType()))
            .capped(node.number("softcap", 0))
            .flattened(flat)
            .giving(attention(node)));
    return heads;
  }

  private static String present(
      OperatorNode node,
      RewriteSite site,
      int output,
      int input,
      String name,
      String fresh,
      boolean flat,
      int kvHeads)
      throws NotRewritable {
    String heads = flat ? site.heads(name, fresh, kvHeads) : fresh;
    String past = node.input(input, input == PAST_KEY ? "past_key" : "past_value");
    return site.appended(node.output(output).orElse(name + "_all"), past, heads);
  }

  private static List<String> masks(OperatorNode node, RewriteSite site, String name)
      throws NotRewritable {
    List<String> masks = new ArrayList<>();
    if (node.integer("is_causal", 0) == 1) {
      masks.add(site.pass().mask(0));
    }
    Optional<String> mask = node.input(MASK);
    if (mask.isPresent()) {
      boolean truth =
          new MaskTypes(site.index())
              .isTruth(mask.get())
              .orElseThrow(
                  () ->
                      new NotRewritable(
                          "it cannot be told whether input attn_mask (%s) holds truth values or numbers"
                              .formatted(mask.get())));
      masks.add(
          truth ? added(site, name + "mask", mask.get()) : site.floats(name + "mask", mask.get()));
    }
    return masks;
  }

  /** Numbers to add for truth values; one array for all layers that share a mask. */
  private static String added(RewriteSite site, String name, String mask) {
    GraphBuilder graph = site.graph();
    return graph.op("Where", name, mask, graph.floatScalar(0), graph.floatScalar(OwnGraph.MASKED));
  }

  private static Optional<String> attention(OperatorNode node) throws NotRewritable {
    Optional<String> wanted = node.output(3);
    if (wanted.isPresent()) {
      node.requireAttribute(
          "qk_matmul_output_mode", AFTER_SOFTMAX, "scores before the softmax as an output");
    }
    return wanted;
  }
}
