package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * Phi-3 (arXiv 2404.14219): Llama with one matrix for queries, keys and values and one for gate and
 * up, a sliding window, and a rotary embedding for long texts that may turn a part of each head.
 */
final class Phi3 extends Llama {
  private static final LlamaDefaults DEFAULTS = LlamaDefaults.LLAMA.maxPositions(4096).eps(1e-5);

  Phi3(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS);
    config.assume("original_max_position_embeddings", 4096);
    // It stands in files whose rotary embedding does not need it, too.
    config.has("original_max_position_embeddings");
    // Phi-4-mini's files have these, which transformers does not read.
    config.require("attention_bias", false);
    config.require("mlp_bias", false);
    config.require("lm_head_bias", false);
    config.require("full_attn_mod", 1);
    config.require("interpolate_factor", 1);
  }

  @Override
  List<LayerPlan> plan() {
    return everyLayer(layers, attentionShape().withWindow(Windows.size(config, 0)), 0);
  }

  @Override
  String attention(BlockWriter block, String x) {
    long ofQueries = (long) heads * headSize;
    long ofKeys = (long) kvHeads * headSize;
    String all =
        block.linear(
            "attention.qkv", x, "self_attn.qkv_proj", ofQueries + 2 * ofKeys, hidden, false);
    List<String> parts = block.split("attention.qkv", all, ofQueries, ofKeys, ofKeys);
    String context =
        block.attend(
            block.heads("attention.q", parts.get(0), heads, headSize),
            block.heads("attention.k", parts.get(1), kvHeads, headSize),
            block.heads("attention.v", parts.get(2), kvHeads, headSize));
    return block.linear("attention.output", context, "self_attn.o_proj", hidden, ofQueries, false);
  }

  @Override
  String mlp(BlockWriter block, String x) {
    String both = block.linear("mlp.both", x, "mlp.gate_up_proj", 2L * intermediate, hidden, false);
    List<String> parts = block.split("mlp.both", both, intermediate, intermediate);
    String gate = block.activate("mlp.activated", parts.get(0), activation);
    String gated = block.multiply("mlp.gated", gate, parts.get(1));
    return block.linear("mlp.down", gated, "mlp.down_proj", hidden, intermediate, false);
  }
}
