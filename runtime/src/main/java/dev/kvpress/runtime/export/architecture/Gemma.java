package dev.kvpress.runtime.export.architecture;

/**
 * Gemma (arXiv 2403.08295): Llama with norm gains stored less one, embeddings scaled by the root of
 * their size, GELU, and heads whose size is free.
 */
class Gemma extends Llama {
  static final LlamaDefaults DEFAULTS =
      LlamaDefaults.LLAMA.kvHeads(16).headSize(256).maxPositions(8192).tiedByDefault();

  Gemma(ConfigReader config, CheckpointFacts facts) {
    this(config, facts, DEFAULTS);
    // Files of old hold a second field for the activation, which transformers reads no more.
    config.has("hidden_activation");
  }

  Gemma(ConfigReader config, CheckpointFacts facts, LlamaDefaults defaults) {
    super(config, facts, defaults);
  }

  @Override
  Activation activation(ConfigReader config) {
    return Activation.read(config, "hidden_act", "gelu_pytorch_tanh");
  }

  @Override
  boolean mlpBias() {
    return false;
  }

  @Override
  String norm(BlockWriter block, String name, String x, String weight, long size) {
    return block.rmsNormPlusOne(name, x, weight, size, eps);
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    return pass.scale("embedded_scaled", super.embed(pass, ids), Math.sqrt(hidden));
  }
}
