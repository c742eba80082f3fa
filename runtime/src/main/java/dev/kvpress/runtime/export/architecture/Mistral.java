package dev.kvpress.runtime.export.architecture;

import java.util.List;

/** Mistral (arXiv 2310.06825): Llama with a sliding window in every layer, where one is given. */
final class Mistral extends Llama {
  private static final LlamaDefaults DEFAULTS =
      LlamaDefaults.LLAMA.kvHeads(8).maxPositions(131_072);

  Mistral(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS);
  }

  @Override
  List<LayerPlan> plan() {
    return everyLayer(layers, attentionShape().withWindow(Windows.size(config, 4096)), 0);
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
