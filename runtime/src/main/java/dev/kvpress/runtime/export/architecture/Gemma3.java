package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * Gemma 3 (arXiv 2503.19786), its text part: Gemma 2 with norms of queries and keys instead of the
 * soft-cap on scores, and with two rotary embeddings: layers that slide have a base of their own
 * and no scaling.
 */
final class Gemma3 extends Gemma2 {
  private static final int GLOBAL = 0;
  private static final int LOCAL = 1;
  private static final int USUAL_PATTERN = 6;

  Gemma3(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS.kvHeads(4).maxPositions(131_072).theta(1e6));
    config.require("use_bidirectional_attention", false);
  }

  @Override
  AttentionShape attentionShape() {
    // transformers reads the field and never uses it; other code does.
    double cap = cap("attn_logit_softcapping", 0);
    if (cap > 0) {
      throw config.unsupported("attn_logit_softcapping", cap, "null");
    }
    return super.attentionShape().withSoftcap(0);
  }

  @Override
  double finalCap() {
    return 0;
  }

  @Override
  List<Rope> ropes() {
    return List.of(
        ropeReader().readFor(Windows.FULL),
        ropeReader().readOwnFor(Windows.SLIDING, "rope_local_base_freq", 10_000));
  }

  @Override
  List<LayerPlan> plan() {
    int window = Windows.size(config, 4096);
    int pattern = Windows.pattern(config, USUAL_PATTERN);
    AttentionShape shape = attentionShape();
    return eachLayer(
        layers,
        layer -> {
          int own = Windows.ofLayer(config, layer, layers, window, (layer + 1) % pattern != 0);
          return new LayerPlan(shape.withWindow(own), own > 0 ? LOCAL : GLOBAL);
        });
  }

  @Override
  String normHeads(BlockWriter block, String norm, String heads) {
    return norm(block, "attention." + norm, heads, "self_attn." + norm, headSize);
  }
}
