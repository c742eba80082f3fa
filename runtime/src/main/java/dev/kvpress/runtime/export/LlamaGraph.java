package dev.kvpress.runtime.export;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;
import static dev.kvpress.runtime.graph.GraphBuilder.entry;

import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import java.util.List;

/**
 * Writes the graph of a Llama-type decoder: embedding, layers of attention and feed-forward, output
 * matrix.
 *
 * <p>Hidden states are {@code [B*Q,E]} and every projection is {@code Gemm(transB=1)} on a weight
 * in the checkpoint's own {@code [out,in]} layout, so that no weight is transposed or copied and a
 * tied embedding serves Gather and Gemm alike. Weights are not part of what is built here; they are
 * known by name.
 */
final class LlamaGraph {
  static final int OPSET = 18;
  private static final int IR_VERSION = 8;

  private final DecoderConfig config;
  private final AttentionForm form;
  private final GraphBuilder graph = new GraphBuilder();
  private final AttentionBlock attention;

  private LlamaGraph(DecoderConfig config, AttentionForm form) {
    this.config = config;
    this.form = form;
    this.attention =
        switch (form) {
          case DECOMPOSED -> new DecomposedAttention(graph, config);
          case FUSED -> new FusedAttention(graph, config);
          case FOREIGN ->
              throw new IllegalArgumentException("form must be DECOMPOSED or FUSED, found FOREIGN");
        };
  }

  /** Builds the model without its weights. */
  static ModelProto build(DecoderConfig config, AttentionForm form) {
    return new LlamaGraph(config, form).model();
  }

  private ModelProto model() {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("kvpress")
            .setProducerVersion(ModelExporter.VERSION)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .addMetadataProps(entry(OwnGraph.KEY_FORMAT, OwnGraph.FORMAT))
            .addMetadataProps(
                entry(
                    OwnGraph.KEY_ATTENTION,
                    form == AttentionForm.FUSED ? OwnGraph.FUSED : OwnGraph.DECOMPOSED))
            .addMetadataProps(entry(OwnGraph.KEY_PAST, "per_layer"))
            .addMetadataProps(
                entry(OwnGraph.KEY_CACHE_BIAS, Boolean.toString(form == AttentionForm.DECOMPOSED)))
            .addMetadataProps(entry(OwnGraph.KEY_HEADS, Integer.toString(config.heads())))
            .addMetadataProps(entry(OwnGraph.KEY_CONFIG, config.toJson()));
    if (form == AttentionForm.FUSED) {
      model.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(GraphBuilder.CONTRIB).setVersion(1));
    }
    return model.setGraph(graph()).build();
  }

  private GraphProto graph() {
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "queries");
    if (form == AttentionForm.DECOMPOSED) {
      graph.input("attention_mask", ElementType.INT64, "batch", "mask");
    }
    graph.input("position_ids", ElementType.INT64, "batch", "queries");
    graph.op("Shape", OwnGraph.BATCH_AND_QUERIES, ids);
    RotaryEmbedding rotary = RotaryEmbedding.declare(graph, config);
    attention.prepare();

    String flatIds = graph.op("Reshape", "pass.flat_ids", ids, graph.longs(-1));
    String hidden = graph.op("Gather", "layers.0.input", TensorSpec.EMBEDDING, flatIds);
    graph.output("logits", ElementType.FLOAT32, "batch", "queries", config.vocab());
    for (int layer = 0; layer < config.layers(); layer++) {
      hidden = layer(layer, hidden, rotary);
    }
    String normed =
        RmsNorm.add(graph, "pass.final_norm", hidden, TensorSpec.FINAL_NORM, config.rmsNormEps());
    String weight = config.tiedEmbeddings() ? TensorSpec.EMBEDDING : TensorSpec.OUTPUT;
    graph.op("Gemm", "pass.flat_logits", List.of(attribute("transB", 1)), normed, weight);
    String batch =
        graph.op("Slice", "pass.batch", OwnGraph.BATCH_AND_QUERIES, graph.longs(0), graph.longs(1));
    // The number of rows per batch is left to Reshape, since a tap may keep the last one only.
    String shape =
        graph.op(
            "Concat",
            "pass.logits_shape",
            List.of(attribute("axis", 0)),
            batch,
            graph.longs(-1),
            graph.longs(config.vocab()));
    graph.op("Reshape", "logits", "pass.flat_logits", shape);
    return graph.build("decoder");
  }

  private String layer(int layer, String hidden, RotaryEmbedding rotary) {
    String prefix = TensorSpec.inLayer(layer, "");
    String normed =
        RmsNorm.add(
            graph,
            OwnGraph.attentionInput(layer),
            hidden,
            prefix + "input_layernorm.weight",
            config.rmsNormEps());
    String queries = heads(layer, normed, "q_proj", config.heads());
    String keys = heads(layer, normed, "k_proj", config.kvHeads());
    String values =
        linear(
            OwnGraph.value(layer, "attention.v_proj"),
            normed,
            prefix + "self_attn.v_proj",
            config.qkvBias());
    queries = normPerHead(layer, queries, "q_norm");
    keys = normPerHead(layer, keys, "k_norm");
    queries = graph.op("Identity", OwnGraph.queriesPreRope(layer), queries);
    queries = rotary.rotate(queries, OwnGraph.queries(layer));
    keys = rotary.rotate(keys, OwnGraph.value(layer, "attention.keys"));

    String context = attention.layer(layer, queries, keys, values);
    String attended =
        linear(
            OwnGraph.value(layer, "attention.output"),
            context,
            prefix + "self_attn.o_proj",
            config.outputBias());
    String residual = graph.op("Add", OwnGraph.value(layer, "attended"), hidden, attended);
    String fed = feedForward(layer, residual, prefix);
    String next =
        layer + 1 == config.layers() ? OwnGraph.LAST_HIDDEN : OwnGraph.value(layer + 1, "input");
    return graph.op("Add", next, residual, fed);
  }

  /** A projection split into heads, {@code [B,Q,heads,D]}. */
  private String heads(int layer, String input, String projection, int heads) {
    String name = OwnGraph.value(layer, "attention." + projection);
    String flat =
        linear(name, input, TensorSpec.inLayer(layer, "self_attn." + projection), config.qkvBias());
    String shape = "pass.split_" + heads;
    if (graph.declare(shape)) {
      graph.op(
          "Concat",
          shape,
          List.of(attribute("axis", 0)),
          OwnGraph.BATCH_AND_QUERIES,
          graph.longs(heads, config.headDim()));
    }
    return graph.op("Reshape", name + ".heads", flat, shape);
  }

  private String normPerHead(int layer, String input, String norm) {
    if (!config.qkNorm()) {
      return input;
    }
    return RmsNorm.add(
        graph,
        OwnGraph.value(layer, "attention." + norm),
        input,
        TensorSpec.inLayer(layer, "self_attn." + norm + ".weight"),
        config.rmsNormEps());
  }

  private String feedForward(int layer, String residual, String prefix) {
    String normed =
        RmsNorm.add(
            graph,
            OwnGraph.value(layer, "mlp.input"),
            residual,
            prefix + "post_attention_layernorm.weight",
            config.rmsNormEps());
    String gate =
        linear(
            OwnGraph.value(layer, "mlp.gate"), normed, prefix + "mlp.gate_proj", config.mlpBias());
    String up =
        linear(OwnGraph.value(layer, "mlp.up"), normed, prefix + "mlp.up_proj", config.mlpBias());
    String sigmoid = graph.op("Sigmoid", OwnGraph.value(layer, "mlp.sigmoid"), gate);
    String silu = graph.op("Mul", OwnGraph.value(layer, "mlp.silu"), gate, sigmoid);
    String gated = graph.op("Mul", OwnGraph.value(layer, "mlp.gated"), silu, up);
    return linear(
        OwnGraph.value(layer, "mlp.down"), gated, prefix + "mlp.down_proj", config.mlpBias());
  }

  private String linear(String name, String input, String weight, boolean bias) {
    List<AttributeProto> transposed = List.of(attribute("transB", 1));
    return bias
        ? graph.op("Gemm", name, transposed, input, weight + ".weight", weight + ".bias")
        : graph.op("Gemm", name, transposed, input, weight + ".weight");
  }
}
