package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * Which layers of Qwen's mixtures have experts, and these experts.
 *
 * @param intermediate size of one expert
 * @param denseLayers layers without experts
 * @param step every so manieth of the others has experts
 */
record QwenExperts(
    SparseExperts.Routing routing, int intermediate, List<Double> denseLayers, int step) {

  /**
   * Reads them.
   *
   * @param experts how many there are, and
   * @param chosen how many a token is sent to, where the file does not say
   * @param size of one expert where the file does not say
   */
  static QwenExperts read(ConfigReader config, int experts, int chosen, int size) {
    SparseExperts.Routing routing =
        new SparseExperts.Routing(
            Architecture.size(config, "num_experts", experts),
            Architecture.size(config, "num_experts_per_tok", chosen),
            config.flag("norm_topk_prob", false));
    return new QwenExperts(
        routing,
        Architecture.size(config, "moe_intermediate_size", size),
        config.has("mlp_only_layers") ? config.numbers("mlp_only_layers") : List.of(),
        Architecture.size(config, "decoder_sparse_step", 1));
  }

  boolean in(int layer) {
    return !denseLayers.contains((double) layer) && (layer + 1) % step == 0;
  }

  String write(BlockWriter block, String x, long hidden, Activation activation) {
    String scores = block.choice("mlp.router", x, "mlp.gate", routing.experts(), hidden, false);
    GatedExperts experts =
        GatedExperts.of(
            block,
            "mlp.experts",
            GatedExperts.Names.PLAIN,
            routing.experts(),
            intermediate,
            hidden,
            activation);
    return SparseExperts.write(block, "mlp", x, scores, routing, experts);
  }
}
