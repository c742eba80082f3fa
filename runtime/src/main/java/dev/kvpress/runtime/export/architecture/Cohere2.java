package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * Command R7B and A (arXiv 2504.00698): Command R with a sliding window in three of four layers;
 * the others see everything and have no rotary embedding.
 */
final class Cohere2 extends Cohere {

  Cohere2(ConfigReader config, CheckpointFacts facts) {
    super(config, facts);
    // Files of the first models say at length what the class is anyway.
    config.require("use_parallel_block", true);
    config.require("use_gated_activation", true);
    config.has("use_parallel_embedding");
    config.has("use_embedding_sharing");
    config.has("layer_switch");
    config.require("position_embedding_type", "rope_gptj");
    config.require("order_of_interleaved_layers", "local_attn_first");
    config.require("rotary_pct", 1);
  }

  @Override
  List<LayerPlan> plan() {
    int window = Windows.size(config, 4096);
    int pattern = Windows.pattern(config, 4);
    return eachLayer(
        layers,
        layer -> {
          int own = Windows.ofLayer(config, layer, layers, window, (layer + 1) % pattern != 0);
          return new LayerPlan(attentionShape().withWindow(own), own > 0 ? 0 : LayerPlan.NO_ROPE);
        });
  }

  @Override
  String normHeads(BlockWriter block, String norm, String perHead) {
    return perHead;
  }
}
