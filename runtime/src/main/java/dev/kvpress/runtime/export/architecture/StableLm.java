package dev.kvpress.runtime.export.architecture;

import java.util.ArrayList;
import java.util.List;

/**
 * StableLM (Stability AI 2023): Llama with layer norms that turns a quarter of each head; attention
 * and feed-forward part may lie side by side, and queries and keys pass a layer norm of their head.
 */
final class StableLm extends Llama {
  private static final LlamaDefaults DEFAULTS =
      LlamaDefaults.LLAMA.kvHeads(32).maxPositions(4096).eps(1e-5);

  StableLm(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS);
    config.require("rotary_scaling_factor", 1);
    if (headSize * heads != hidden) {
      throw config.unsupported("head_dim", headSize, "hidden_size / num_attention_heads");
    }
  }

  @Override
  String epsilonField() {
    return config.named("layer_norm_eps", "norm_eps");
  }

  @Override
  RopeReader ropeReader() {
    return super.ropeReader().defaultPartial(0.25).alsoNamed("partial_rotary_factor", "rope_pct");
  }

  @Override
  boolean queryKeyValueBias() {
    return config.flag("use_qkv_bias", false);
  }

  @Override
  boolean outputBias() {
    return false;
  }

  @Override
  boolean mlpBias() {
    return false;
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    if (!config.flag("use_parallel_residual", false)) {
      return super.layer(block, layer, x);
    }
    String normed = norm(block, "attention.input", x, "input_layernorm", hidden);
    String attended = block.add("attended", x, attention(block, normed));
    return block.add("output", attended, mlp(block, normed));
  }

  @Override
  String norm(BlockWriter block, String name, String x, String weight, long size) {
    return block.layerNorm(name, x, weight, size, eps, true);
  }

  /** One gain for each head, none of them with a bias. */
  @Override
  String normHeads(BlockWriter block, String norm, String perHead) {
    if (!config.flag("qk_layernorm", false)) {
      return perHead;
    }
    boolean ofQueries = norm.equals("q_norm");
    String module = ofQueries ? "self_attn.q_layernorm" : "self_attn.k_layernorm";
    List<String> gains = new ArrayList<>();
    for (int head = 0; head < (ofQueries ? heads : kvHeads); head++) {
      gains.add(block.weight(module + ".norms." + head + ".weight", headSize));
    }
    String value = "attention." + norm;
    String normed = block.plainLayerNorm(value + ".normed", perHead, headSize, eps);
    return block.multiply(value, normed, block.stack(value + ".gains", gains, headSize));
  }
}
