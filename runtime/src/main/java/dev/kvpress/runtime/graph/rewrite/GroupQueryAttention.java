package dev.kvpress.runtime.graph.rewrite;

import dev.kvpress.runtime.graph.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * GroupQueryAttention of ONNX Runtime, as onnxruntime-genai and the onnx-community hub write it:
 * queries, keys and values apart or packed, rotary embedding and norms of queries and keys inside.
 *
 * <p>Its {@code seqlens_k} and {@code total_sequence_length} only say again how many tokens are
 * cached.
 */
final class GroupQueryAttention implements OperatorRewriter {
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "num_heads",
          "kv_num_heads",
          "scale",
          "softcap",
          "local_window_size",
          "do_rotary",
          "rotary_interleaved",
          "smooth_softmax",
          "qk_output",
          "k_quant_type",
          "v_quant_type",
          "kv_cache_bit_width",
          "qk_norm_epsilon",
          "causal",
          "sliding_window_cache");
  private static final int SEQUENCE_LENGTHS = 5;
  private static final int COSINES = 7;
  private static final int SINES = 8;
  private static final int POSITIONS = 9;
  private static final int BIAS = 10;
  private static final int SINKS = 11;
  private static final int QUERY_NORM = 14;
  private static final int KEY_NORM = 15;
  private static final int KNOWN_INPUTS = 16;
  private static final int AFTER_SOFTMAX = 2;

  @Override
  public String operator() {
    return "GroupQueryAttention";
  }

  @Override
  public String domain() {
    return GraphBuilder.CONTRIB;
  }

  @Override
  public int rewrite(OperatorNode node, RewriteSite site) throws NotRewritable {
    node.allowAttributes(ATTRIBUTES);
    node.allowInputs(KNOWN_INPUTS);
    node.requireAttribute("causal", 1, "attention to tokens that follow");
    node.requireAttribute("sliding_window_cache", 0, "a cache that drops tokens itself");
    refuseQuantisation(node);
    int heads = node.count("num_heads");
    int kvHeads = node.count("kv_num_heads");
    if (kvHeads != site.ports().kvHeads() || heads % kvHeads != 0) {
      throw new NotRewritable(
          "num_heads = %d and kv_num_heads = %d do not fit a cache of %d heads"
              .formatted(heads, kvHeads, site.ports().kvHeads()));
    }
    node.input(SEQUENCE_LENGTHS, "seqlens_k");
    String context = node.context();
    String name = context + ".plain.";

    Projections projected = projections(node, site, name, heads, kvHeads);
    String queries = normed(node, site, QUERY_NORM, name + "q", projected.queries());
    String keys = normed(node, site, KEY_NORM, name + "k", projected.keys());
    Optional<Rotation> rotation = rotation(node, site);
    if (rotation.isPresent()) {
      queries = rotation.get().apply(site.graph(), name + "q.rotated", queries);
      keys = rotation.get().apply(site.graph(), name + "k.rotated", keys);
    }
    String allKeys = present(node, site, 1, "past_key", 3, name + "keys_all", keys);
    String allValues =
        present(node, site, 2, "past_value", 4, name + "values_all", projected.values());

    site.write(
        AttentionParts.of(
                queries,
                allKeys,
                allValues,
                node.scale(site.headSize()),
                masks(node, site, name),
                context,
                site.cacheType())
            .capped(node.number("softcap", 0))
            .withSinks(sinks(node, site, name, heads))
            .giving(attention(node)));
    return heads;
  }

  @Override
  public String describe(OperatorNode node) {
    List<String> features = new ArrayList<>();
    if (node.input(1).isEmpty()) {
      features.add("packed queries, keys and values");
    }
    if (node.input(QUERY_NORM).isPresent()) {
      features.add("norms inside");
    }
    if (node.integer("do_rotary", 0) == 1) {
      features.add("rotary inside");
    }
    long window = node.integer("local_window_size", -1);
    if (window > 0) {
      features.add("a window of " + window);
    }
    if (node.number("softcap", 0) != 0) {
      features.add("a soft cap");
    }
    if (node.input(SINKS).isPresent() || node.integer("smooth_softmax", 0) == 1) {
      features.add("sinks");
    }
    return features.isEmpty() ? operator() : operator() + " with " + String.join(", ", features);
  }

  private record Projections(String queries, String keys, String values) {}

  private static void refuseQuantisation(OperatorNode node) throws NotRewritable {
    for (String half : List.of("k", "v")) {
      String type = node.text(half + "_quant_type", "NONE");
      if (!type.equals("NONE") && !type.isEmpty()) {
        throw new NotRewritable(
            "attribute %s_quant_type = %s (a quantised cache)".formatted(half, type));
      }
    }
    node.requireAttribute("kv_cache_bit_width", 0, "a quantised cache");
    node.refuseInput(12, "k_scale", "belongs to a quantised cache");
    node.refuseInput(13, "v_scale", "belongs to a quantised cache");
  }

  private static Projections projections(
      OperatorNode node, RewriteSite site, String name, int heads, int kvHeads)
      throws NotRewritable {
    String query = node.input(0, "query");
    Optional<String> key = node.input(1);
    Optional<String> value = node.input(2);
    if (key.isPresent() != value.isPresent()) {
      throw new NotRewritable("one of its inputs key and value is empty, but not the other");
    }
    if (key.isPresent()) {
      return new Projections(
          site.heads(name + "q", query, heads),
          site.heads(name + "k", key.get(), kvHeads),
          site.heads(name + "v", value.get(), kvHeads));
    }
    long d = site.headSize();
    long q = heads * d;
    long k = kvHeads * d;
    return new Projections(
        site.heads(name + "q", site.columns(name + "q.packed", query, 0, q), heads),
        site.heads(name + "k", site.columns(name + "k.packed", query, q, q + k), kvHeads),
        site.heads(name + "v", site.columns(name + "v.packed", query, q + k, q + 2 * k), kvHeads));
  }

  /** Root mean square norm of each head. */
  private static String normed(
      OperatorNode node, RewriteSite site, int input, String name, String heads) {
    Optional<String> weight = node.input(input);
    if (weight.isEmpty()) {
      return heads;
    }
    GraphBuilder graph = site.graph();
    String squares = graph.op("Mul", name + ".squares", heads, heads);
    String mean =
        graph.op("MatMul", name + ".mean", squares, meanOverChannels(graph, site.headSize()));
    String epsilon = graph.floatScalar(node.number("qk_norm_epsilon", 1e-6f));
    String shifted = graph.op("Add", name + ".shifted", mean, epsilon);
    String root = graph.op("Sqrt", name + ".root", shifted);
    String unit = graph.op("Div", name + ".unit", heads, root);
    return graph.op("Mul", name + ".normed", unit, site.floats(name + ".gain", weight.get()));
  }

  /** float {@code [D,1]}; a mean in every opset, where ReduceMean changes its form. */
  private static String meanOverChannels(GraphBuilder graph, int headSize) {
    String name = "rewritten.mean_over_" + headSize;
    if (graph.declare(name)) {
      String shape = graph.longs(headSize, 1);
      graph.op("Expand", name, graph.floatScalar(1f / headSize), shape);
    }
    return name;
  }

  private static Optional<Rotation> rotation(OperatorNode node, RewriteSite site)
      throws NotRewritable {
    if (node.integer("do_rotary", 0) == 0) {
      return Optional.empty();
    }
    String cosines = node.input(COSINES, "cos_cache, but do_rotary = 1");
    String sines = node.input(SINES, "sin_cache, but do_rotary = 1");
    List<Long> sizes =
        site.sizes(cosines)
            .orElseThrow(
                () -> new NotRewritable("input cos_cache (" + cosines + ") is no constant"));
    int turned = sizes.size() == 2 ? 2 * Math.toIntExact(sizes.get(1)) : 0;
    if (turned < 2 || turned > site.headSize()) {
      throw new NotRewritable(
          "input cos_cache (%s) has shape %s, expected [positions, up to %d]"
              .formatted(cosines, sizes, site.headSize() / 2));
    }
    Optional<String> given = node.input(POSITIONS);
    // The graph's own positions, whatever it computes them from; else true ones.
    return Optional.of(
        new Rotation(
            cosines,
            sines,
            turned,
            site.headSize(),
            node.integer("rotary_interleaved", 0) == 1,
            given.orElseGet(() -> site.pass().positions())));
  }

  private static String present(
      OperatorNode node,
      RewriteSite site,
      int output,
      String title,
      int input,
      String name,
      String fresh)
      throws NotRewritable {
    String past = node.input(input, title);
    return site.appended(node.output(output).orElse(name), past, fresh);
  }

  private static List<String> masks(OperatorNode node, RewriteSite site, String name)
      throws NotRewritable {
    List<String> masks = new ArrayList<>();
    masks.add(site.pass().mask(window(node)));
    node.input(BIAS).ifPresent(bias -> masks.add(site.floats(name + "bias", bias)));
    return masks;
  }

  /** Tokens up to and including itself that a query sees, 0 for all. */
  private static int window(OperatorNode node) throws NotRewritable {
    // ONNX Runtime's word for no window is -1; of 0, a query would see nothing, not even itself.
    return node.integer("local_window_size", -1) == -1 ? 0 : node.count("local_window_size");
  }

  private static Optional<String> sinks(
      OperatorNode node, RewriteSite site, String name, int heads) {
    Optional<String> given = node.input(SINKS);
    if (given.isPresent()) {
      return Optional.of(site.floats(name + "sink", given.get()));
    }
    // A smooth softmax has one more score, which is always 0.
    return node.integer("smooth_softmax", 0) == 1
        ? Optional.of(
            site.graph()
                .op(
                    "Expand",
                    name + "sink",
                    site.graph().floatScalar(0),
                    site.graph().longs(heads)))
        : Optional.empty();
  }

  private static Optional<String> attention(OperatorNode node) throws NotRewritable {
    Optional<String> wanted = node.output(3);
    if (wanted.isPresent()) {
      node.requireAttribute("qk_output", AFTER_SOFTMAX, "scores before the softmax as an output");
    }
    return wanted;
  }
}
