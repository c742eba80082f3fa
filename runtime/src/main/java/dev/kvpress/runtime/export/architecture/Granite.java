package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.attention.AttentionShape;

/**
 * Granite 3 (IBM 2024): Llama with a factor of its own on embeddings, scores, both residual
 * branches and logits (muP, arXiv 2203.03466).
 */
class Granite extends Llama {

  Granite(ConfigReader config, CheckpointFacts facts) {
    super(config, facts);
  }

  private double factor(String field) {
    double factor = config.number(field, 1);
    if (!(factor > 0 && Double.isFinite(factor))) {
      throw new ModelException(
          "%s: %s must be positive, found %s".formatted(config.place(), field, factor));
    }
    return factor;
  }

  @Override
  AttentionShape attentionShape() {
    return super.attentionShape().withScale(factor("attention_multiplier"));
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    return pass.scale("embedded_scaled", super.embed(pass, ids), factor("embedding_multiplier"));
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    double share = factor("residual_multiplier");
    String normed = norm(block, "attention.input", x, "input_layernorm", hidden);
    String attention = block.scale("attention.scaled", attention(block, normed), share);
    String attended = block.add("attended", x, attention);
    String mlpInput = norm(block, "mlp.input", attended, "post_attention_layernorm", hidden);
    String fed = block.scale("mlp.scaled", feedForward(block, layer, mlpInput), share);
    return block.add("output", attended, fed);
  }

  @Override
  String outputMatrix(BlockWriter pass, String normed) {
    return pass.scale(
        "flat_logits_scaled", super.outputMatrix(pass, normed), 1 / factor("logits_scaling"));
  }
}
