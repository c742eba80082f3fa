package dev.kvpress.runtime.export.architecture;

/**
 * OLMo 2 (arXiv 2501.00656): Llama with norms after attention and feed-forward part instead of
 * before, and with norms of queries and keys over all heads at once.
 */
class Olmo2 extends Llama {

  Olmo2(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, LlamaDefaults.LLAMA.eps(1e-5));
  }

  @Override
  boolean mlpBias() {
    return false;
  }

  @Override
  String adjustFlat(BlockWriter block, String projection, String flat, long width) {
    return switch (projection) {
      case "q_proj" -> norm(block, "attention.q_norm", flat, "self_attn.q_norm", width);
      case "k_proj" -> norm(block, "attention.k_norm", flat, "self_attn.k_norm", width);
      default -> flat;
    };
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String attention = attention(block, block.alias("attention.input", x));
    String after = norm(block, "attention.normed", attention, "post_attention_layernorm", hidden);
    String attended = block.add("attended", x, after);
    String fed =
        norm(block, "mlp.normed", mlp(block, attended), "post_feedforward_layernorm", hidden);
    return block.add("output", attended, fed);
  }
}
