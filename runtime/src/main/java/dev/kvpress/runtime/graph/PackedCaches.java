package dev.kvpress.runtime.graph;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;
import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes of a decomposed graph one over caches whose older tokens are packed in few bits; the newest
 * stand in full precision.
 *
 * <p>Only two products of a layer change: the raw scores of the past become those of packed tokens
 * and those of the others one behind another, and the context is the sum of what both give. Bias,
 * positions, soft-cap, sinks, softmax and signals are those of the graph, over all tokens. Minima
 * never meet the codes: q · (s · c + m) = q · (s · c) + q · m has one small product per group more,
 * and p · (s · c + m) likewise.
 */
public final class PackedCaches {
  private static final String RESIDUAL = ".residual";
  private static final String PACKED = ".packed";
  private static final List<AttributeProto> LAST_SWAPPED = List.of(attribute("perm", 0, 1, 3, 2));
  private static final List<AttributeProto> TO_FLOAT =
      List.of(attribute("to", ElementType.FLOAT32.onnxNumber()));

  private final GraphEdit edit;
  private final GraphBuilder added;
  private final DecoderInterface ports;
  private final PackedForm form;
  private final PackedCodes codes;

  private PackedCaches(GraphEdit edit, DecoderInterface ports, PackedForm form) {
    this.edit = edit;
    this.added = edit.added();
    this.ports = ports;
    this.form = form;
    this.codes = new PackedCodes(edit, form);
  }

  /** Why a graph has no such form, or not this one; empty where it has it. */
  public static Optional<String> refusal(DecoderGraph graph, PackedForm form) {
    DecoderInterface ports = graph.ports();
    if (ports.form() != AttentionForm.DECOMPOSED) {
      return Optional.of(
          ports.form() == AttentionForm.FOREIGN
              ? "its graph was written by another tool; packed caches need one of our own (export the checkpoint)"
              : "its attention is not out of standard operators");
    }
    if (!ports.states().isEmpty()) {
      return Optional.of(
          "it keeps states that are no keys and values (%s)"
              .formatted(ports.states().get(0).past()));
    }
    if (ports.cacheType() != ElementType.FLOAT32) {
      return Optional.of("its cache is %s, not float32".formatted(ports.cacheType()));
    }
    return form.refusal(ports.headSize());
  }

  /**
   * The graph in this form. It can be tapped like the one it was made from.
   *
   * @throws IllegalArgumentException if there is a {@link #refusal}
   */
  public static DecoderGraph of(DecoderGraph graph, PackedForm form) {
    refusal(graph, form)
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException(
                  graph.file() + " cannot take packed caches: " + reason);
            });
    GraphEdit edit = new GraphEdit(graph.model());
    PackedCaches packed = new PackedCaches(edit, graph.ports(), form);
    List<LayerPorts> layers = new ArrayList<>();
    for (LayerPorts layer : graph.ports().layers()) {
      layers.add(packed.layer(layer));
    }
    return graph.edited(edit.build(), graph.ports().packed(layers));
  }

  private LayerPorts layer(LayerPorts layer) {
    PackedPorts inputs = PackedPorts.of(layer.layer());
    declare(layer, inputs);
    int l = layer.layer();
    // Of packed tokens, int64 [1].
    String name = OwnGraph.value(l, "attention.packed_tokens");
    String sizes = added.op("Shape", name + ".sizes", inputs.valueCodes());
    added.op("Slice", name, sizes, added.longs(2), added.longs(3));
    scores(l, inputs, name);
    context(l, inputs, name);
    return layer.withPacked(inputs);
  }

  private void declare(LayerPorts layer, PackedPorts inputs) {
    int l = layer.layer();
    long g = ports.kvHeads();
    long d = ports.headSize();
    long n = form.tokenBytes(ports.headSize());
    long blocks = form.valueBlocks(ports.headSize());
    String groups = "groups_" + l;
    String tokens = "packed_" + l;
    String residual = "residual_" + l;
    edit.input(inputs.keyCodes(), ElementType.UINT8, "batch", g, groups, n, form.keyGroup());
    edit.input(inputs.keyScales(), ElementType.FLOAT16, "batch", g, groups, d);
    edit.input(inputs.keyMinima(), ElementType.FLOAT16, "batch", g, groups, d);
    edit.input(inputs.valueCodes(), ElementType.UINT8, "batch", g, tokens, n);
    edit.input(inputs.valueScales(), ElementType.FLOAT16, "batch", g, tokens, blocks);
    edit.input(inputs.valueMinima(), ElementType.FLOAT16, "batch", g, tokens, blocks);
    edit.input(layer.pastKey(), ElementType.FLOAT32, "batch", g, residual, d);
    edit.input(layer.pastValue(), ElementType.FLOAT32, "batch", g, residual, d);
  }

  /** Raw scores, before a soft-cap bends them. */
  private void scores(int l, PackedPorts inputs, String tokens) {
    String capped = OwnGraph.pastScores(l);
    String raw = edit.produces(capped + ".uncapped") ? capped + ".uncapped" : capped;
    NodeProto product = product(raw);
    String queries = product.getInput(0);
    edit.replace(product, renamed(product, raw + RESIDUAL));

    String name = raw + PACKED;
    // [B,G,T/g,D,g]
    String keys =
        codes.scaled(
            name + ".keys",
            inputs.keyCodes(),
            wide(name + ".scales", inputs.keyScales()),
            form.keyGroup());
    String spread = queries(name + ".queries", queries, inputs);
    // [B,G,T/g,g*Q,g]
    String byGroup = added.op("MatMul", name + ".by_group", spread, keys);
    String byQuery =
        added.op(
            "Transpose", name + ".by_query", List.of(attribute("perm", 0, 1, 3, 2, 4)), byGroup);
    String minima = wide(name + ".minima", inputs.keyMinima());
    String turned = added.op("Transpose", name + ".minima_last", LAST_SWAPPED, minima);
    // [B,G,g*Q,T/g,1]
    String ofMinima = added.op("MatMul", name + ".of_minima", queries, turned);
    String column = added.op("Unsqueeze", name + ".of_minima_column", ofMinima, added.longs(4));
    String both = added.op("Add", name + ".both", byQuery, column);
    String sizes = added.op("Shape", name + ".sizes", both);
    String outer = added.op("Slice", name + ".outer", sizes, added.longs(0), added.longs(3));
    String shape = added.op("Concat", name + ".flat", List.of(attribute("axis", 0)), outer, tokens);
    codes.shaped(name, both, shape);
    added.op("Concat", raw, List.of(attribute("axis", -1)), name, raw + RESIDUAL);
  }

  /** {@code [B,G,1,g*Q,D]}, or none where there is no group that it could be repeated for. */
  private String queries(String name, String queries, PackedPorts inputs) {
    String sizes = added.op("Shape", name + ".sizes", inputs.keyCodes());
    String groups = added.op("Slice", name + ".groups", sizes, added.longs(2), added.longs(3));
    String spread = added.op("Unsqueeze", name + ".spread", queries, added.longs(2));
    return added.op("Slice", name, spread, added.longs(0), groups, added.longs(2));
  }

  private void context(int l, PackedPorts inputs, String tokens) {
    String context = OwnGraph.context(l);
    NodeProto product = product(context);
    String probabilities = product.getInput(0);
    String ofRest =
        added.op(
            "Slice",
            context + RESIDUAL + ".probabilities",
            probabilities,
            tokens,
            added.longs(Long.MAX_VALUE),
            added.longs(3));
    edit.replace(
        product, renamed(product, context + RESIDUAL).toBuilder().setInput(0, ofRest).build());

    String name = context + PACKED;
    String ofPacked =
        added.op(
            "Slice",
            name + ".probabilities",
            probabilities,
            added.longs(0),
            tokens,
            added.longs(3));
    // [B,G,T,D]
    String values =
        codes.scaled(
            name + ".values",
            inputs.valueCodes(),
            wide(name + ".scales", inputs.valueScales()),
            form.valueGroup());
    String ofCodes = added.op("MatMul", name + ".of_codes", ofPacked, values);
    String minima = wide(name + ".minima", inputs.valueMinima());
    // [B,G,g*Q,blocks,1]
    String ofMinima = added.op("MatMul", name + ".of_minima", ofPacked, minima);
    String column = added.op("Unsqueeze", name + ".of_minima_column", ofMinima, added.longs(4));
    String blocks =
        added.op(
            "Reshape",
            name + ".blocks",
            ofCodes,
            added.longs(0, 0, 0, form.valueBlocks(ports.headSize()), form.valueGroup()));
    String both = added.op("Add", name + ".both", blocks, column);
    added.op("Reshape", name, both, added.longs(0, 0, 0, ports.headSize()));
    added.op("Add", context, name, context + RESIDUAL);
  }

  private String wide(String name, String halves) {
    return added.op("Cast", name, TO_FLOAT, halves);
  }

  private NodeProto product(String value) {
    NodeProto node = requireNonNull(edit.producer(value));
    if (!node.getOpType().equals("MatMul")) {
      throw new IllegalStateException(
          "expected a MatMul that gives %s, found %s".formatted(value, node.getOpType()));
    }
    return node;
  }

  private static NodeProto renamed(NodeProto node, String output) {
    return node.toBuilder().setName(output).setOutput(0, output).build();
  }
}
