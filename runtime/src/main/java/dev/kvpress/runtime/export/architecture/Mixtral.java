package dev.kvpress.runtime.export.architecture;

/** Mixtral (arXiv 2401.04088): Mistral with a mixture of experts as the feed-forward part. */
final class Mixtral extends Mistral {
  private static final LlamaDefaults DEFAULTS = Mistral.DEFAULTS.eps(1e-5).theta(1e6);
  private static final GatedExperts.Names NAMES = new GatedExperts.Names("w1", "w3", "w2");

  private final SparseExperts.Routing routing;

  Mixtral(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS);
    int experts = size(config, "num_local_experts", 8);
    int chosen = size(config, "num_experts_per_tok", 2);
    routing = new SparseExperts.Routing(experts, chosen, true);
  }

  @Override
  int usualWindow() {
    return 0;
  }

  @Override
  String feedForward(BlockWriter block, int layer, String x) {
    String module = "block_sparse_moe";
    String scores =
        block.choice("mlp.router", x, module + ".gate", routing.experts(), hidden, false);
    GatedExperts experts =
        GatedExperts.of(
            block, module + ".experts", NAMES, routing.experts(), intermediate, hidden, activation);
    return SparseExperts.write(block, "mlp", x, scores, routing, experts);
  }
}
