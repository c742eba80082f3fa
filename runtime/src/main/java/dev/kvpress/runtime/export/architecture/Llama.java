package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * Llama (arXiv 2302.13971): x + attention(norm(x)), then x + mlp(norm(x)), with RMS norms, rotary
 * embedding, grouped heads and a gated feed-forward part.
 *
 * <p>Its relatives override where they differ.
 */
class Llama extends Architecture {
  final ConfigReader config;
  final String name;
  final int hidden;
  final int layers;
  final int heads;
  final int kvHeads;
  final int headSize;
  final int intermediate;
  final int vocab;
  final int maxPositions;
  final double eps;
  final boolean tied;
  private final Activation activation;

  Llama(ConfigReader config, CheckpointFacts facts) {
    this.config = config;
    this.name = facts.architecture();
    hidden = size(config, "hidden_size");
    layers = size(config, "num_hidden_layers");
    heads = size(config, "num_attention_heads");
    kvHeads = size(config, "num_key_value_heads", heads);
    headSize = headSize(config, hidden, heads);
    intermediate = size(config, "intermediate_size");
    vocab = size(config, "vocab_size");
    maxPositions = config.integer("max_position_embeddings");
    eps = epsilon(config, "rms_norm_eps", 1e-6);
    tied = config.flag("tie_word_embeddings", !facts.has("lm_head.weight"));
    activation = Activation.read(config, "hidden_act", "silu");
  }

  @Override
  public DecoderConfig config() {
    Rope rope = new RopeReader(config, maxPositions, headSize).read();
    return new DecoderConfig(name, hidden, vocab, maxPositions, List.of(rope), plan());
  }

  AttentionShape attentionShape() {
    return AttentionShape.plain(heads, kvHeads, headSize);
  }

  List<LayerPlan> plan() {
    return everyLayer(layers, attentionShape(), 0);
  }

  boolean queryKeyValueBias() {
    return config.flag("attention_bias", false);
  }

  boolean outputBias() {
    return config.flag("attention_bias", false);
  }

  boolean mlpBias() {
    return config.flag("mlp_bias", false);
  }

  /** Hook for norms of queries and keys per head, {@code [B,Q,heads,D]}. */
  String normHeads(BlockWriter block, String name, String heads) {
    return heads;
  }

  @Override
  String layerPrefix(int layer) {
    return "model.layers." + layer + ".";
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    return gather(pass, "embedded", "model.embed_tokens.weight", ids, vocab, hidden);
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String normed = block.rmsNorm("attention.input", x, "input_layernorm", hidden, eps);
    String attended = block.add("attended", x, attention(block, normed));
    String fed =
        mlp(block, block.rmsNorm("mlp.input", attended, "post_attention_layernorm", hidden, eps));
    return block.add("output", attended, fed);
  }

  /** Attention of a normed input, projected back. */
  String attention(BlockWriter block, String x) {
    String queries = projected(block, "q_proj", x, heads);
    String keys = projected(block, "k_proj", x, kvHeads);
    String values = projected(block, "v_proj", x, kvHeads);
    String context =
        block.attend(normHeads(block, "q_norm", queries), normHeads(block, "k_norm", keys), values);
    return block.linear(
        "attention.output",
        context,
        "self_attn.o_proj",
        hidden,
        (long) heads * headSize,
        outputBias());
  }

  private String projected(BlockWriter block, String projection, String x, long count) {
    String flat =
        block.linear(
            "attention." + projection,
            x,
            "self_attn." + projection,
            count * headSize,
            hidden,
            queryKeyValueBias());
    return block.heads("attention." + projection + ".heads", flat, count, headSize);
  }

  /** down(act(gate(x)) · up(x)). */
  String mlp(BlockWriter block, String x) {
    boolean bias = mlpBias();
    String gate = block.linear("mlp.gate", x, "mlp.gate_proj", intermediate, hidden, bias);
    String up = block.linear("mlp.up", x, "mlp.up_proj", intermediate, hidden, bias);
    String gated =
        block.multiply("mlp.gated", block.activate("mlp.activated", gate, activation), up);
    return block.linear("mlp.down", gated, "mlp.down_proj", hidden, intermediate, bias);
  }

  @Override
  String logits(BlockWriter pass, String x) {
    String normed = pass.rmsNorm("final_norm", x, "model.norm", hidden, eps);
    return outputMatrix(pass, normed);
  }

  /** The output matrix, which may be the token embedding. */
  String outputMatrix(BlockWriter pass, String normed) {
    String matrix = tied ? "model.embed_tokens" : "lm_head";
    return pass.linear("flat_logits", normed, matrix, vocab, hidden, false);
  }
}
