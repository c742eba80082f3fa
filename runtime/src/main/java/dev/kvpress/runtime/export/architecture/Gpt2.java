package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * GPT-2 (Radford et al. 2019): learned positions, layer norms before attention and feed-forward
 * part, one projection for queries, keys and values.
 */
final class Gpt2 extends Architecture {
  private final ConfigReader config;
  private final String name;
  private final int hidden;
  private final int layers;
  private final int heads;
  private final int positions;
  private final int intermediate;
  private final int vocab;
  private final double eps;
  private final boolean tied;
  private final Activation activation;

  Gpt2(ConfigReader config, CheckpointFacts facts) {
    this.config = config;
    name = facts.architecture();
    hidden = size(config, config.named("n_embd", "hidden_size"));
    layers = size(config, config.named("n_layer", "num_hidden_layers"));
    heads = size(config, config.named("n_head", "num_attention_heads"));
    positions = size(config, config.named("n_positions", "max_position_embeddings"));
    // Older files repeat it under a second name.
    config.has("n_ctx");
    intermediate = size(config, "n_inner", 4 * hidden);
    vocab = size(config, "vocab_size");
    eps = epsilon(config, "layer_norm_epsilon", 1e-5);
    tied = config.flag("tie_word_embeddings", true);
    activation = Activation.read(config, "activation_function", "gelu_new");
    config.require("add_cross_attention", false);
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

  @Override
  String layerPrefix(int layer) {
    return "transformer.h." + layer + ".";
  }

  /** The causal mask that older files hold as a tensor. */
  @Override
  boolean isBuffer(String tensor) {
    return tensor.endsWith(".attn.bias") || tensor.endsWith(".attn.masked_bias");
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    String tokens = gather(pass, "embedded", "transformer.wte.weight", ids, vocab, hidden);
    String places = places(pass, "transformer.wpe.weight", 0, positions, hidden);
    return pass.add("embedded_with_places", tokens, places);
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String normed = block.layerNorm("attention.input", x, "ln_1", hidden, eps, true);
    String attended = block.add("attended", x, attention(block, normed));
    String mlpInput = block.layerNorm("mlp.input", attended, "ln_2", hidden, eps, true);
    String up = block.conv1d("mlp.up", mlpInput, "mlp.c_fc", intermediate, hidden);
    String activated = block.activate("mlp.activated", up, activation);
    String down = block.conv1d("mlp.down", activated, "mlp.c_proj", hidden, intermediate);
    return block.add("output", attended, down);
  }

  private String attention(BlockWriter block, String x) {
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
  String logits(BlockWriter pass, String x) {
    String normed = pass.layerNorm("final_norm", x, "transformer.ln_f", hidden, eps, true);
    String matrix = tied ? "transformer.wte" : "lm_head";
    return pass.linear("flat_logits", normed, matrix, vocab, hidden, false);
  }
}
