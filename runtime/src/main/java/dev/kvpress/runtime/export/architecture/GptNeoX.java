package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * GPT-NeoX (arXiv 2204.06745) and Pythia: attention and feed-forward part side by side, each with a
 * layer norm of its own; a part of each head is turned; one projection for queries, keys and values
 * of each head.
 */
final class GptNeoX extends Architecture {
  private final ConfigReader config;
  private final String name;
  private final int hidden;
  private final int layers;
  private final int heads;
  private final int headSize;
  private final int intermediate;
  private final int vocab;
  private final int maxPositions;
  private final double eps;
  private final boolean parallel;
  private final boolean attentionBias;
  private final boolean tied;
  private final Activation activation;

  GptNeoX(ConfigReader config, CheckpointFacts facts) {
    this.config = config;
    name = facts.architecture();
    hidden = size(config, "hidden_size");
    layers = size(config, "num_hidden_layers");
    heads = size(config, "num_attention_heads");
    headSize = evenHeadSize(config, hidden, heads);
    intermediate = size(config, "intermediate_size");
    vocab = size(config, "vocab_size");
    maxPositions = size(config, "max_position_embeddings", 2048);
    eps = epsilon(config, "layer_norm_eps", 1e-5);
    parallel = config.flag("use_parallel_residual", true);
    attentionBias = config.flag("attention_bias", true);
    tied = config.flag("tie_word_embeddings", false);
    activation = Activation.read(config, "hidden_act", "gelu");
  }

  @Override
  public DecoderConfig config() {
    Rope rope =
        new RopeReader(config, maxPositions, headSize)
            .alsoNamed("rope_theta", "rotary_emb_base")
            .alsoNamed("partial_rotary_factor", "rotary_pct")
            .defaultPartial(0.25)
            .read();
    return new DecoderConfig(
        name,
        hidden,
        vocab,
        maxPositions,
        List.of(rope),
        everyLayer(layers, AttentionShape.plain(heads, heads, headSize), 0));
  }

  @Override
  String layerPrefix(int layer) {
    return "gpt_neox.layers." + layer + ".";
  }

  /** Rotary frequencies and the causal mask, which older files hold as tensors. */
  @Override
  boolean isBuffer(String tensor) {
    return super.isBuffer(tensor)
        || tensor.endsWith(".attention.bias")
        || tensor.endsWith(".attention.masked_bias");
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    return gather(pass, "embedded", "gpt_neox.embed_in.weight", ids, vocab, hidden);
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String normed = block.layerNorm("attention.input", x, "input_layernorm", hidden, eps, true);
    String attended = block.add("attended", x, attention(block, normed));
    String read = parallel ? x : attended;
    String mlpInput =
        block.layerNorm("mlp.input", read, "post_attention_layernorm", hidden, eps, true);
    String fed =
        block.feedForward(
            mlpInput,
            "mlp.dense_h_to_4h",
            "mlp.dense_4h_to_h",
            intermediate,
            hidden,
            activation,
            true);
    return block.add("output", attended, fed);
  }

  private String attention(BlockWriter block, String x) {
    String all =
        block.linear(
            "attention.qkv", x, "attention.query_key_value", 3L * hidden, hidden, attentionBias);
    List<String> qkv = block.groupedHeads("attention.qkv", all, heads, 1, headSize);
    String context = block.attend(qkv.get(0), qkv.get(1), qkv.get(2));
    return block.linear(
        "attention.output", context, "attention.dense", hidden, hidden, attentionBias);
  }

  @Override
  String logits(BlockWriter pass, String x) {
    String normed = pass.layerNorm("final_norm", x, "gpt_neox.final_layer_norm", hidden, eps, true);
    String matrix = tied ? "gpt_neox.embed_in" : "embed_out";
    return pass.linear("flat_logits", normed, matrix, vocab, hidden, false);
  }
}
