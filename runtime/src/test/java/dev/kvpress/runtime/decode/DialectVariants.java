package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.List;
import java.util.function.Function;

/** The graph of {@link ForeignModels} as various tools would have written it. */
final class DialectVariants {
  static final int LAYERS = 2;
  private static final int HEADS = 2;
  private static final int SIZE = 4;

  private final GraphEdit edit;
  private final ElementType floats;

  private DialectVariants(ModelProto model, ElementType floats) {
    this.edit = new GraphEdit(model);
    this.floats = floats;
  }

  private interface Change {
    void apply(DialectVariants variant);
  }

  private static ModelProto of(ModelProto model, Change change) {
    DialectVariants variant = new DialectVariants(model, ElementType.FLOAT32);
    change.apply(variant);
    return variant.edit.build();
  }

  /** Caches under other names; {@code %d} is the layer. */
  static ModelProto named(
      ModelProto model, String pastKey, String pastValue, String presentKey, String presentValue) {
    return of(
        model,
        variant -> {
          for (int l = 0; l < LAYERS; l++) {
            variant.renameCache(l, "key", pastKey.formatted(l), presentKey.formatted(l));
            variant.renameCache(l, "value", pastValue.formatted(l), presentValue.formatted(l));
          }
        });
  }

  private void renameCache(int layer, String half, String past, String present) {
    renameInput(plainPast(layer, half), past, "batch", HEADS, "past", SIZE);
    edit.removeOutput(plainPresent(layer, half));
    edit.rename(plainPresent(layer, half), present);
    edit.output(present, floats, "batch", HEADS, "total", SIZE);
  }

  private void renameInput(String from, String to, Object... dims) {
    edit.removeInput(from);
    edit.rename(from, to);
    edit.input(to, floats, dims);
  }

  private static String plainPast(int layer, String half) {
    return "past_key_values." + layer + "." + half;
  }

  private static String plainPresent(int layer, String half) {
    return "present." + layer + "." + half;
  }

  /** {@code past_N} of shape [2,B,G,P,D], or [B,2,G,P,D] with axis 1. */
  static ModelProto stacked(ModelProto model, int axis) {
    Object[] past =
        axis == 0
            ? new Object[] {2, "batch", HEADS, "past", SIZE}
            : new Object[] {"batch", 2, HEADS, "past", SIZE};
    Object[] present = past.clone();
    present[3] = "total";
    return of(
        model,
        variant -> {
          GraphBuilder added = variant.edit.added();
          for (int l = 0; l < LAYERS; l++) {
            String both = "past_" + l;
            variant.edit.input(both, ElementType.FLOAT32, past);
            String[] fresh = new String[2];
            for (int half = 0; half < 2; half++) {
              String name = half == 0 ? "key" : "value";
              variant.edit.removeInput(plainPast(l, name));
              added.op(
                  "Gather",
                  plainPast(l, name),
                  List.of(attribute("axis", axis)),
                  both,
                  added.longScalar(half));
              variant.edit.removeOutput(plainPresent(l, name));
              fresh[half] =
                  added.op(
                      "Unsqueeze", "stack_" + l + name, plainPresent(l, name), added.longs(axis));
            }
            added.op(
                "Concat", "present_" + l, List.of(attribute("axis", axis)), fresh[0], fresh[1]);
            variant.edit.output("present_" + l, ElementType.FLOAT32, present);
          }
        });
  }

  /** Caches whose axes 1 to 3 stand in another order, told by a swap of two of them. */
  static ModelProto swapped(ModelProto model, int a, int b) {
    long[] perm = {0, 1, 2, 3};
    perm[a] = b;
    perm[b] = a;
    Object[] plain = {"batch", HEADS, "past", SIZE};
    Object[] dims = new Object[4];
    for (int i = 0; i < 4; i++) {
      dims[i] = plain[(int) perm[i]];
    }
    return of(
        model,
        variant ->
            variant.wrapCaches(
                dims,
                ElementType.FLOAT32,
                (from, to) ->
                    variant
                        .edit
                        .added()
                        .op("Transpose", to, List.of(attribute("perm", perm)), from)));
  }

  /** Keys in float32, values in float16. */
  static ModelProto shortValues(ModelProto model) {
    return of(
        model,
        variant -> {
          Object[] dims = {"batch", HEADS, "past", SIZE};
          for (int l = 0; l < LAYERS; l++) {
            String past = plainPast(l, "value");
            String present = plainPresent(l, "value");
            variant.edit.rename(past, past + ".wide");
            variant.edit.input(past, ElementType.FLOAT16, dims);
            variant.cast(past, past + ".wide", ElementType.FLOAT32);
            variant.edit.rename(present, present + ".wide");
            variant.cast(present + ".wide", present, ElementType.FLOAT16);
            variant.edit.output(present, ElementType.FLOAT16, "batch", HEADS, "total", SIZE);
          }
        });
  }

  private void cast(String from, String to, ElementType type) {
    edit.added().op("Cast", to, List.of(attribute("to", type.onnxNumber())), from);
  }

  private interface Step {
    void write(String from, String to);
  }

  private void wrapCaches(Object[] dims, ElementType type, Step step) {
    for (int l = 0; l < LAYERS; l++) {
      for (String half : List.of("key", "value")) {
        String past = plainPast(l, half);
        edit.rename(past, past + ".plain");
        edit.input(past, type, dims);
        step.write(past, past + ".plain");
        String present = plainPresent(l, half);
        edit.rename(present, present + ".plain");
        step.write(present + ".plain", present);
        edit.output(present, type, dims);
      }
    }
  }

  /** One of the integer inputs in another type. */
  static ModelProto retyped(ModelProto model, String input, ElementType from, ElementType to) {
    return of(
        model,
        variant -> {
          variant.edit.rename(input, input + ".plain");
          variant.edit.input(input, to, "batch", input.equals("attention_mask") ? "total" : "seq");
          variant.cast(input, input + ".plain", from);
        });
  }

  /** Logits of the last token only, though declared for any number. */
  static ModelProto lastLogits(ModelProto model) {
    return of(
        model,
        variant -> {
          GraphBuilder added = variant.edit.added();
          variant.edit.rename("logits", "logits.all");
          added.op(
              "Slice",
              "logits",
              "logits.all",
              added.longs(-1),
              added.longs(Long.MAX_VALUE),
              added.longs(1));
        });
  }

  /** The size of the vocabulary is not declared. */
  static ModelProto openVocabulary(ModelProto model) {
    return of(
        model,
        variant -> variant.edit.output("logits", ElementType.FLOAT32, "batch", "seq", "vocab"));
  }

  /** Logits are cut to as many last tokens as an input says, 0 for all. */
  static ModelProto logitsToKeep(ModelProto model, Object... dims) {
    return of(
        model,
        variant -> {
          GraphBuilder added = variant.edit.added();
          variant.edit.input("num_logits_to_keep", ElementType.INT64, dims);
          variant.edit.rename("logits", "logits.all");
          String start = added.op("Neg", "keep.start", "num_logits_to_keep");
          String vector = added.op("Reshape", "keep.vector", start, added.longs(1));
          added.op(
              "Slice", "logits", "logits.all", vector, added.longs(Long.MAX_VALUE), added.longs(1));
        });
  }

  /** Slots are counted by inputs, which the mask of the graph is made from. */
  static ModelProto counted(ModelProto model) {
    return of(
        model,
        variant -> {
          GraphBuilder added = variant.edit.added();
          variant.edit.input("total_sequence_length", ElementType.INT32, 1);
          variant.edit.input("past_sequence_length", ElementType.INT64);
          variant.edit.input("cache_position", ElementType.INT64, "seq");
          variant.edit.input("beam_idx", ElementType.INT32, "batch");
          String wide =
              added.op("Cast", "wide_total", List.of(attribute("to", 7)), "total_sequence_length");
          variant.edit.rename("total", "total.unused");
          added.op("Squeeze", "total", wide);
          variant.edit.rename("past", "past.unused");
          added.op("Identity", "past", "past_sequence_length");
          variant.edit.rename("queries", "queries.unused");
          added.op("Identity", "queries", "cache_position");
          variant.edit.rename("tokens", "tokens.all");
          added.op("Gather", "tokens", "tokens.all", "beam_idx");
        });
  }

  /** Everything in both branches of an If; the one without a past is another graph altogether. */
  static ModelProto merged(ModelProto model, ModelProto withoutPast) {
    return merged(model.getGraph(), body -> body, withoutPast.getGraph(), model);
  }

  private static ModelProto merged(
      GraphProto withPast,
      Function<GraphProto, GraphProto> change,
      GraphProto withoutPast,
      ModelProto model) {
    GraphProto.Builder graph = withPast.toBuilder().clearNode().clearInitializer();
    NodeProto.Builder branch =
        NodeProto.newBuilder().setName("decoders").setOpType("If").addInput("use_cache_branch");
    withPast.getOutputList().forEach(output -> branch.addOutput(output.getName()));
    branch.addAttribute(body("then_branch", change.apply(renamed(withPast, "with_past/"))));
    branch.addAttribute(body("else_branch", renamed(withoutPast, "no_past/")));
    graph.addNode(branch).addInput(GraphBuilder.valueInfo("use_cache_branch", ElementType.BOOL, 1));
    return model.toBuilder().setGraph(graph).build();
  }

  private static AttributeProto body(String name, GraphProto graph) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(graph)
        .build();
  }

  /** A graph as a body: no inputs, and names that do not stand outside. */
  private static GraphProto renamed(GraphProto graph, String prefix) {
    GraphEdit edit = new GraphEdit(ModelProto.newBuilder().setGraph(graph).build());
    GraphProto.Builder body = graph.toBuilder().clearInput().clearOutput().clearNode();
    for (NodeProto node : graph.getNodeList()) {
      node.getOutputList().forEach(output -> edit.rename(output, prefix + output));
    }
    edit.nodes().forEach(node -> body.addNode(node.toBuilder().setName(prefix + node.getName())));
    for (ValueInfoProto output : graph.getOutputList()) {
      body.addOutput(output.toBuilder().setName(prefix + output.getName()));
    }
    return body.build();
  }
}
