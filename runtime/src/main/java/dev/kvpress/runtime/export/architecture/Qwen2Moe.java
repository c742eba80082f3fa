package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * Qwen2's mixtures (arXiv 2407.10671): Qwen2 with experts as the feed-forward part, and one more
 * that every token passes, behind a gate of its own.
 */
final class Qwen2Moe extends Qwen2 {
  private final QwenExperts experts;
  private final int sharedIntermediate;

  Qwen2Moe(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS.kvHeads(16));
    experts = QwenExperts.read(config, 60, 4, 1408);
    sharedIntermediate = size(config, "shared_expert_intermediate_size", 5632);
  }

  /** The ways of computing attention in transformers do not agree on which layers slide. */
  @Override
  List<LayerPlan> plan() {
    config.require("use_sliding_window", false);
    config.has("sliding_window");
    config.has("max_window_layers");
    return everyLayer(layers, attentionShape(), 0);
  }

  @Override
  boolean queryKeyValueBias() {
    return config.flag("qkv_bias", true);
  }

  @Override
  String feedForward(BlockWriter block, int layer, String x) {
    if (!experts.in(layer)) {
      return mlp(block, x);
    }
    String routed = experts.write(block, x, hidden, activation);
    String shared =
        block.gatedMlp("mlp.shared_expert", x, sharedIntermediate, hidden, activation, false);
    String score = block.choice("mlp.shared_score", x, "mlp.shared_expert_gate", 1, hidden, false);
    String gate = block.sigmoid("mlp.shared_gate", score);
    return block.add("mlp.with_shared", routed, block.multiply("mlp.shared", gate, shared));
  }
}
