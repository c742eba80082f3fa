package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import java.util.List;

/** SmolLM3 (Hugging Face 2025): Llama of which every fourth layer has no rotary embedding. */
final class SmolLm3 extends Llama {
  private static final LlamaDefaults DEFAULTS =
      LlamaDefaults.LLAMA.kvHeads(4).maxPositions(32_768).theta(2e6).tiedByDefault();

  SmolLm3(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS);
    // Comes from Qwen2's files; this family does not read it.
    config.has("max_window_layers");
  }

  @Override
  List<LayerPlan> plan() {
    int window = Windows.size(config, 0);
    boolean slides = config.flag("use_sliding_window", false) && window > 0;
    boolean[] turned = turned();
    return eachLayer(
        layers,
        layer -> {
          int own = Windows.ofLayer(config, layer, layers, window, slides && !turned[layer]);
          return new LayerPlan(
              attentionShape().withWindow(own), turned[layer] ? 0 : LayerPlan.NO_ROPE);
        });
  }

  /** Which layers have a rotary embedding; 1 in {@code no_rope_layers} says that one has. */
  private boolean[] turned() {
    int interval = size(config, "no_rope_layer_interval", 4);
    boolean[] turned = new boolean[layers];
    List<Double> given =
        config.has("no_rope_layers") ? config.numbers("no_rope_layers") : List.of();
    if (config.has("no_rope_layers") && given.size() != layers) {
      throw new ModelException(
          "%s: no_rope_layers must have one entry for each of %d layers, found %d"
              .formatted(config.place(), layers, given.size()));
    }
    for (int layer = 0; layer < layers; layer++) {
      turned[layer] = given.isEmpty() ? (layer + 1) % interval != 0 : given.get(layer) != 0;
    }
    return turned;
  }
}
