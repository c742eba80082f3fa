package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * Qwen2 (arXiv 2407.10671): Llama with biases on queries, keys and values; from a layer on it may
 * slide.
 */
class Qwen2 extends Llama {
  static final LlamaDefaults DEFAULTS = LlamaDefaults.LLAMA.kvHeads(32).maxPositions(32_768);

  Qwen2(ConfigReader config, CheckpointFacts facts) {
    this(config, facts, DEFAULTS);
  }

  Qwen2(ConfigReader config, CheckpointFacts facts, LlamaDefaults defaults) {
    super(config, facts, defaults);
    // Positions of three numbers each, for images.
    config.require("use_mrope", false);
  }

  @Override
  List<LayerPlan> plan() {
    int given = Windows.size(config, 4096);
    int window = config.flag("use_sliding_window", false) ? given : 0;
    int fullLayers = config.integer("max_window_layers", 28);
    return eachLayer(
        layers,
        layer -> {
          boolean late = window > 0 && layer >= fullLayers;
          return new LayerPlan(
              attentionShape().withWindow(Windows.ofLayer(config, layer, layers, window, late)), 0);
        });
  }

  @Override
  boolean queryKeyValueBias() {
    return true;
  }

  @Override
  boolean outputBias() {
    return false;
  }

  @Override
  boolean mlpBias() {
    return false;
  }
}
