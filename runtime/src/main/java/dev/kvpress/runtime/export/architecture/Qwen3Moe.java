package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * Qwen3's mixtures (arXiv 2505.09388): Qwen3 with experts as the feed-forward part of those layers
 * that have them. A sliding window, where it is in use, holds for every layer.
 */
final class Qwen3Moe extends Qwen3 {
  private final QwenExperts experts;

  Qwen3Moe(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS.kvHeads(4));
    experts = QwenExperts.read(config, 128, 8, 768);
    // Some files say at length what the class is anyway.
    config.require("use_qk_norm", true);
    config.require("qkv_bias", false);
    config.require("shared_expert_intermediate_size", 0);
  }

  @Override
  List<LayerPlan> plan() {
    int given = Windows.size(config, 4096);
    int window = config.flag("use_sliding_window", false) ? given : 0;
    // Stands in every file and is not read for this class.
    config.has("max_window_layers");
    return everyLayer(layers, attentionShape().withWindow(window), 0);
  }

  @Override
  String feedForward(BlockWriter block, int layer, String x) {
    return experts.in(layer) ? experts.write(block, x, hidden, activation) : mlp(block, x);
  }
}
