package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * OLMo 3 (Ai2 2025): OLMo 2 with a sliding window in three of four layers, whose rotary embedding
 * takes no part in the scaling.
 */
final class Olmo3 extends Olmo2 {
  private static final int PATTERN = 4;
  private static final int GLOBAL = 0;
  private static final int LOCAL = 1;

  Olmo3(ConfigReader config, CheckpointFacts facts) {
    super(config, facts);
  }

  @Override
  List<Rope> ropes() {
    return List.of(
        ropeReader().readFor(Windows.FULL), ropeReader().readUnscaledFor(Windows.SLIDING));
  }

  @Override
  List<LayerPlan> plan() {
    int window = Windows.size(config, 4096);
    return eachLayer(
        layers,
        layer -> {
          int own = Windows.ofLayer(config, layer, layers, window, (layer + 1) % PATTERN != 0);
          return new LayerPlan(attentionShape().withWindow(own), own > 0 ? LOCAL : GLOBAL);
        });
  }
}
