package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * Gemma 2 (arXiv 2408.00118): Gemma with norms on both sides of attention and feed-forward part,
 * soft-caps on scores and logits, a scale of its own, and a sliding window in every other layer.
 */
class Gemma2 extends Gemma {

  Gemma2(ConfigReader config, CheckpointFacts facts) {
    this(config, facts, DEFAULTS.kvHeads(4));
  }

  Gemma2(ConfigReader config, CheckpointFacts facts, LlamaDefaults defaults) {
    super(config, facts, defaults);
    // Some files repeat fields under names that transformers does not read.
    config.has("hidden_act");
    config.has("sliding_window_size");
  }

  @Override
  Activation activation(ConfigReader config) {
    return Activation.read(config, "hidden_activation", "gelu_pytorch_tanh");
  }

  @Override
  AttentionShape attentionShape() {
    double scalar = config.number("query_pre_attn_scalar", 256);
    if (!(scalar > 0)) {
      throw new ModelException(
          "%s: query_pre_attn_scalar must be positive, found %s".formatted(config.place(), scalar));
    }
    return super.attentionShape()
        .withScale(1 / Math.sqrt(scalar))
        .withSoftcap(cap("attn_logit_softcapping", 50));
  }

  /**
   * A soft-cap, 0 for none.
   *
   * @param otherwise what holds where the field is absent
   */
  final double cap(String field, double otherwise) {
    if (config.absent(field)) {
      return otherwise;
    }
    if (!config.has(field)) {
      return 0;
    }
    double cap = config.number(field);
    if (!(cap > 0)) {
      throw new ModelException(
          "%s: %s must be positive or null, found %s".formatted(config.place(), field, cap));
    }
    return cap;
  }

  @Override
  List<LayerPlan> plan() {
    int window = Windows.size(config, 4096);
    AttentionShape shape = attentionShape();
    return eachLayer(
        layers,
        layer -> {
          int own = Windows.ofLayer(config, layer, layers, window, layer % 2 == 0);
          return new LayerPlan(shape.withWindow(own), 0);
        });
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String normed = norm(block, "attention.input", x, "input_layernorm", hidden);
    String attention = attention(block, normed);
    String after = norm(block, "attention.normed", attention, "post_attention_layernorm", hidden);
    String attended = block.add("attended", x, after);
    String mlpInput = norm(block, "mlp.input", attended, "pre_feedforward_layernorm", hidden);
    String fed =
        norm(block, "mlp.normed", mlp(block, mlpInput), "post_feedforward_layernorm", hidden);
    return block.add("output", attended, fed);
  }

  @Override
  String outputMatrix(BlockWriter pass, String normed) {
    double cap = cap("final_logit_softcapping", finalCap());
    return pass.softcap("flat_logits_capped", super.outputMatrix(pass, normed), cap);
  }

  /** Soft-cap of the logits where the field is absent, 0 for none. */
  double finalCap() {
    return 30;
  }
}
