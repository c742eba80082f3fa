package dev.kvpress.runtime.export.architecture;

import java.util.List;

/** Mistral (arXiv 2310.06825): Llama with a sliding window in every layer, where one is given. */
class Mistral extends Llama {
  static final LlamaDefaults DEFAULTS = LlamaDefaults.LLAMA.kvHeads(8).maxPositions(131_072);

  Mistral(ConfigReader config, CheckpointFacts facts) {
    this(config, facts, DEFAULTS);
  }

  Mistral(ConfigReader config, CheckpointFacts facts, LlamaDefaults defaults) {
    super(config, facts, defaults);
  }

  /** Window where the field is absent, 0 for none. */
  int usualWindow() {
    return 4096;
  }

  @Override
  List<LayerPlan> plan() {
    return everyLayer(layers, attentionShape().withWindow(Windows.size(config, usualWindow())), 0);
  }

  @Override
  boolean queryKeyValueBias() {
    return false;
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
