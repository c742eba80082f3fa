package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * Qwen2 (arXiv 2407.10671): Llama with biases on queries, keys and values; from a layer on it may
 * slide.
 */
class Qwen2 extends Llama {

  Qwen2(ConfigReader config, CheckpointFacts facts) {
    super(config, facts);
  }

  @Override
  List<LayerPlan> plan() {
    int given = Windows.size(config);
    int window = config.flag("use_sliding_window", false) ? given : 0;
    int fullLayers = config.integer("max_window_layers", 28);
    return eachLayer(
        layers,
        layer -> {
          boolean slides = Windows.slides(config, layer, layers, window > 0 && layer >= fullLayers);
          return new LayerPlan(attentionShape().withWindow(slides ? window : 0), 0);
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
