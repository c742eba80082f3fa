package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * GPT-2 (Radford et al. 2019): one projection for queries, keys and values, matrices with a row for
 * each input.
 */
final class Gpt2 extends Gpt2Family {
  private final ConfigReader config;

  Gpt2(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, "gelu_new");
    this.config = config;
    // Older files repeat the number of positions under a second name.
    config.has("n_ctx");
  }

  @Override
  public DecoderConfig config() {
    boolean scaled = config.flag("scale_attn_weights", true);
    boolean byLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
    int headSize = headSize(config, hidden, heads);
    return new DecoderConfig(
        name,
        hidden,
        vocab,
        positions,
        List.of(),
        eachLayer(
            layers,
            layer -> {
              double scale = scaled ? 1 / Math.sqrt(headSize) : 1;
              return new LayerPlan(
                  AttentionShape.plain(heads, heads, headSize)
                      .withScale(byLayer ? scale / (layer + 1) : scale),
                  LayerPlan.NO_ROPE);
            }));
  }

  /** The causal mask that older files hold as a tensor. */
  @Override
  boolean isBuffer(String tensor) {
    return tensor.endsWith(".attn.bias") || tensor.endsWith(".attn.masked_bias");
  }

  @Override
  String attention(BlockWriter block, String x) {
    int headSize = hidden / heads;
    String all = block.conv1d("attention.qkv", x, "attn.c_attn", 3L * hidden, hidden);
    List<String> parts = block.split("attention.qkv", all, hidden, hidden, hidden);
    String context =
        block.attend(
            block.heads("attention.q", parts.get(0), heads, headSize),
            block.heads("attention.k", parts.get(1), heads, headSize),
            block.heads("attention.v", parts.get(2), heads, headSize));
    return block.conv1d("attention.output", context, "attn.c_proj", hidden, hidden);
  }

  @Override
  String feedForward(BlockWriter block, String x) {
    String up = block.conv1d("mlp.up", x, "mlp.c_fc", intermediate, hidden);
    String activated = block.activate("mlp.activated", up, activation);
    return block.conv1d("mlp.down", activated, "mlp.c_proj", hidden, intermediate);
  }
}
