package dev.kvpress.runtime.export.architecture;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;
import static dev.kvpress.runtime.graph.GraphBuilder.entry;

import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.export.weights.UsedWeight;
import dev.kvpress.runtime.export.weights.WeightForm;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.export.weights.WeightPlan;
import dev.kvpress.runtime.export.weights.WeightUse;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.graph.attention.AttentionBlock;
import dev.kvpress.runtime.graph.attention.DecomposedAttention;
import dev.kvpress.runtime.graph.attention.FusedAttention;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the graph of one architecture: what all decoders share around their layers. Weights are
 * not part of what is built here; they are known by name.
 */
public final class DecoderWriter {
  /** Operator set of written graphs. */
  public static final int OPSET = 18;

  private static final int IR_VERSION = 8;

  /** As many as a checkpoint may hold; see SafetensorsHeader. */
  private static final int MAX_TENSORS = 1 << 18;

  private final Architecture architecture;
  private final DecoderConfig config;
  private final AttentionForm form;
  private final GraphBuilder graph = new GraphBuilder();
  private final AttentionBlock attention;
  private final Map<Integer, RotaryEmbedding> rotaries = new HashMap<>();
  private final @Nullable WeightPlan plan;
  private final Map<String, UsedWeight> weights = new LinkedHashMap<>();
  private long tensors;

  private DecoderWriter(Architecture architecture, AttentionForm form, @Nullable WeightPlan plan) {
    this.architecture = architecture;
    this.config = architecture.config();
    this.plan = plan;
    this.form = form;
    this.attention =
        switch (form) {
          case DECOMPOSED -> new DecomposedAttention(graph);
          case FUSED -> new FusedAttention(graph);
          case FUSED_BY_HEAD, PACKED, FOREIGN ->
              throw new IllegalArgumentException("form must be DECOMPOSED or FUSED, found " + form);
        };
  }

  /**
   * Builds the model without its weights.
   *
   * @param plan forms of the architecture's weights
   * @param producerVersion version of the exporter, for the model's description
   */
  public static ModelProto build(
      Architecture architecture, AttentionForm form, WeightPlan plan, String producerVersion) {
    return new DecoderWriter(architecture, form, plan).model(plan.format(), producerVersion);
  }

  /** Every weight that the decoder uses, in the order of use. */
  static List<UsedWeight> weights(Architecture architecture) {
    DecoderWriter writer = new DecoderWriter(architecture, AttentionForm.DECOMPOSED, null);
    var unused = writer.graphOfDecoder();
    return new ArrayList<>(writer.weights.values());
  }

  private ModelProto model(WeightFormat format, String producerVersion) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("kvpress")
            .setProducerVersion(producerVersion)
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
            .addMetadataProps(entry(OwnGraph.KEY_WEIGHTS, format.label()))
            .addMetadataProps(entry(OwnGraph.KEY_CONFIG, config.toJson()));
    if (form == AttentionForm.FUSED || format.isQuantized()) {
      model.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(GraphBuilder.CONTRIB).setVersion(1));
    }
    return model.setGraph(graphOfDecoder()).build();
  }

  private GraphProto graphOfDecoder() {
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "queries");
    if (form == AttentionForm.DECOMPOSED) {
      graph.input("attention_mask", ElementType.INT64, "batch", "mask");
    }
    graph.input("position_ids", ElementType.INT64, "batch", "queries");
    if (config.ropes().stream().anyMatch(Rope::dependsOnLength)) {
      graph.input(OwnGraph.SEQUENCE_LENGTH, ElementType.INT64, "batch");
    }
    graph.op("Shape", OwnGraph.BATCH_AND_QUERIES, ids);
    attention.prepare();

    BlockWriter pass = new BlockWriter(this, 0, "pass.", "");
    String flatIds = graph.op("Reshape", "pass.flat_ids", ids, graph.longs(-1));
    String hidden = architecture.embed(pass, flatIds);
    graph.output("logits", ElementType.FLOAT32, "batch", "queries", config.vocab());
    for (int layer = 0; layer < config.layers(); layer++) {
      BlockWriter block =
          new BlockWriter(this, layer, OwnGraph.value(layer, ""), architecture.layerPrefix(layer));
      hidden = architecture.layer(block, layer, hidden);
    }
    graph.op("Identity", OwnGraph.LAST_HIDDEN, hidden);
    String flatLogits = architecture.logits(pass, OwnGraph.LAST_HIDDEN);
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
    graph.op("Reshape", "logits", flatLogits, shape);
    return graph.build("decoder");
  }

  GraphBuilder graph() {
    return graph;
  }

  /** Makes a weight known; how it is read is said when it is. */
  void declare(TensorSpec spec, boolean outer) {
    UsedWeight before = weights.get(spec.name());
    if (before == null) {
      int stored = Math.max(1, spec.parts().size());
      requireTensors(stored);
      tensors += stored;
      weights.put(spec.name(), new UsedWeight(spec, Set.of(), outer));
      if (plan != null) {
        plan.form(spec.name()).prepare(graph);
      }
    } else if (!before.spec().shape().equals(spec.shape())) {
      throw new IllegalStateException(
          "weight %s is used as %s and as %s"
              .formatted(spec.name(), before.spec().shape(), spec.shape()));
    }
  }

  /** Notes a use of a weight and gives its form, wide as long as nothing is planned. */
  WeightForm use(String weight, WeightUse use) {
    UsedWeight known = weights.get(weight);
    if (known == null) {
      throw new IllegalArgumentException("weight " + weight + " was not declared");
    }
    weights.put(weight, known.with(use));
    return plan == null ? WeightForm.wide(known.spec()) : plan.form(weight);
  }

  /**
   * Fails before a configuration of absurd sizes fills the memory with names.
   *
   * @param more tensors that are about to be used
   */
  void requireTensors(int more) {
    if (tensors + more > MAX_TENSORS) {
      throw new IllegalArgumentException(
          "layers, heads or experts are so many that the decoder has more than %d tensors"
              .formatted(MAX_TENSORS));
    }
  }

  /** int64 {@code [4]}: B, Q, heads, D. */
  String splitShape(long heads, long headSize) {
    String shape = "pass.split_" + heads + (headSize == config.headDim() ? "" : "_of_" + headSize);
    if (graph.declare(shape)) {
      graph.op(
          "Concat",
          shape,
          List.of(attribute("axis", 0)),
          OwnGraph.BATCH_AND_QUERIES,
          graph.longs(heads, headSize));
    }
    return shape;
  }

  String rotate(int layer, String input, String name) {
    int index = config.plan().get(layer).rope();
    if (index == LayerPlan.NO_ROPE) {
      return graph.op("Identity", name, input);
    }
    return rotaries
        .computeIfAbsent(
            index, i -> new RotaryEmbedding(graph, config.ropes().get(i), i, config.headDim()))
        .rotate(input, name);
  }

  String attend(int layer, String queries, String keys, String values, @Nullable String sinks) {
    return attention.layer(
        layer, config.plan().get(layer).attention(), queries, keys, values, sinks);
  }
}
