package dev.kvpress.runtime.export.architecture;

/**
 * OLMo (arXiv 2402.00838): Llama with layer norms that have no weights, and with projections cut to
 * a range where one is given.
 */
final class Olmo extends Llama {
  private static final double EPS = 1e-5;

  Olmo(ConfigReader config, CheckpointFacts facts) {
    super(config, facts);
  }

  @Override
  boolean mlpBias() {
    return false;
  }

  @Override
  String norm(BlockWriter block, String name, String x, String weight, long size) {
    return block.plainLayerNorm(name, x, size, EPS);
  }

  @Override
  String adjustFlat(BlockWriter block, String projection, String flat, long width) {
    if (!config.has("clip_qkv")) {
      return flat;
    }
    double limit = config.number("clip_qkv");
    return block.clip("attention." + projection + ".clipped", flat, -limit, limit);
  }
}
