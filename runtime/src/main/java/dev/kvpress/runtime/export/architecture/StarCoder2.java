package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * StarCoder2 (arXiv 2402.19173): Llama with layer norms, a feed-forward part of two matrices,
 * biases everywhere and a sliding window.
 */
final class StarCoder2 extends Llama {
  private static final LlamaDefaults DEFAULTS =
      LlamaDefaults.LLAMA.kvHeads(2).maxPositions(4096).eps(1e-5).tiedByDefault();

  StarCoder2(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS);
    config.require("mlp_type", "default");
    config.require("norm_type", "layer_norm");
    config.require("scale_attn_weights", true);
    config.ignore("attention_softmax_in_fp32", "scale_attention_softmax_in_fp32");
  }

  @Override
  String epsilonField() {
    return config.named("norm_epsilon", "layer_norm_epsilon");
  }

  @Override
  Activation activation(ConfigReader config) {
    return Activation.read(
        config, config.named("hidden_act", "activation_function"), "gelu_pytorch_tanh");
  }

  private boolean bias() {
    return config.flag("use_bias", true);
  }

  @Override
  boolean queryKeyValueBias() {
    return bias();
  }

  @Override
  boolean outputBias() {
    return bias();
  }

  @Override
  List<LayerPlan> plan() {
    return everyLayer(layers, attentionShape().withWindow(Windows.size(config, 0)), 0);
  }

  @Override
  String norm(BlockWriter block, String name, String x, String weight, long size) {
    return block.layerNorm(name, x, weight, size, eps, true);
  }

  @Override
  String mlp(BlockWriter block, String x) {
    return block.feedForward(x, "mlp.c_fc", "mlp.c_proj", intermediate, hidden, activation, bias());
  }
}
