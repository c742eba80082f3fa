package dev.kvpress.runtime.export.architecture;

/**
 * Command R (Cohere 2024): attention and feed-forward part side by side behind one layer norm
 * without bias, rotary pairs that are neighbours, scaled logits.
 */
class Cohere extends Llama {
  static final LlamaDefaults DEFAULTS =
      LlamaDefaults.LLAMA.maxPositions(8192).eps(1e-5).tiedByDefault();

  Cohere(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS);
  }

  @Override
  String epsilonField() {
    return "layer_norm_eps";
  }

  @Override
  boolean mlpBias() {
    return false;
  }

  @Override
  RopeReader ropeReader() {
    return super.ropeReader().interleaved();
  }

  @Override
  String norm(BlockWriter block, String name, String x, String weight, long size) {
    return block.layerNorm(name, x, weight, size, eps, false);
  }

  @Override
  String normHeads(BlockWriter block, String norm, String perHead) {
    if (!config.flag("use_qk_norm", false)) {
      return perHead;
    }
    // Every head has a gain of its own.
    int count = norm.equals("q_norm") ? heads : kvHeads;
    String name = "attention." + norm;
    String plain = block.plainLayerNorm(name + ".plain", perHead, headSize, eps);
    String gain = block.weight("self_attn." + norm + ".weight", count, headSize);
    return block.multiply(name, plain, gain);
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String normed = norm(block, "attention.input", x, "input_layernorm", hidden);
    String attended = block.add("attended", x, attention(block, normed));
    return block.add("output", attended, mlp(block, normed));
  }

  @Override
  String outputMatrix(BlockWriter pass, String normed) {
    double scale = config.number("logit_scale", 0.0625);
    return pass.scale("flat_logits_scaled", super.outputMatrix(pass, normed), scale);
  }
}
