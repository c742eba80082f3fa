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
  final Activation activation;
  private final LlamaDefaults defaults;

  Llama(ConfigReader config, CheckpointFacts facts) {
    this(config, facts, LlamaDefaults.LLAMA);
  }

  Llama(ConfigReader config, CheckpointFacts facts, LlamaDefaults defaults) {
    this.config = config;
    this.name = facts.architecture();
    this.defaults = defaults;
    hidden = size(config, "hidden_size");
    layers = size(config, "num_hidden_layers");
    heads = size(config, "num_attention_heads");
    boolean ownKvHeads = config.absent("num_key_value_heads") && defaults.kvHeads() > 0;
    kvHeads = size(config, "num_key_value_heads", ownKvHeads ? defaults.kvHeads() : heads);
    boolean ownHeadSize = config.absent("head_dim") && defaults.headSize() > 0;
    headSize = ownHeadSize ? defaults.headSize() : headSize(config, hidden, heads);
    intermediate = intermediateSize(config);
    vocab = size(config, "vocab_size");
    maxPositions = config.integer("max_position_embeddings", defaults.maxPositions());
    eps = epsilon(config, epsilonField(), defaults.eps());
    // A folder without an output matrix can mean nothing else.
    tied = config.flag("tie_word_embeddings", defaults.tied() || !facts.has("lm_head.weight"));
    activation = activation(config);
    config.require("rope_interleaved", false);
  }

  /** Width of the feed-forward part. */
  int intermediateSize(ConfigReader config) {
    return size(config, "intermediate_size");
  }

  /** Field of the norms' epsilon. */
  String epsilonField() {
    return "rms_norm_eps";
  }

  /** Activation of the feed-forward part. */
  Activation activation(ConfigReader config) {
    return Activation.read(config, "hidden_act", "silu");
  }

  @Override
  public DecoderConfig config() {
    return new DecoderConfig(name, hidden, vocab, maxPositions, ropes(), plan());
  }

  /** The rotary embeddings that {@link #plan} names. */
  List<Rope> ropes() {
    return List.of(ropeReader().read());
  }

  RopeReader ropeReader() {
    return new RopeReader(config, maxPositions, headSize).defaultTheta(defaults.theta());
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

  /** The norm of this family over the last axis. */
  String norm(BlockWriter block, String name, String x, String weight, long size) {
    return block.rmsNorm(name, x, weight, size, eps);
  }

  /** Hook for what becomes of a whole projection, {@code [B*Q,heads*D]}. */
  String adjustFlat(BlockWriter block, String projection, String flat, long width) {
    return flat;
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
    String normed = norm(block, "attention.input", x, "input_layernorm", hidden);
    String attended = block.add("attended", x, attention(block, normed));
    String mlpInput = norm(block, "mlp.input", attended, "post_attention_layernorm", hidden);
    return block.add("output", attended, feedForward(block, layer, mlpInput));
  }

  /** Attention of a normed input, projected back. */
  String attention(BlockWriter block, String x) {
    String queries = projected(block, "q_proj", x, heads);
    String keys = projected(block, "k_proj", x, kvHeads);
    String values = projected(block, "v_proj", x, kvHeads);
    String context =
        attend(
            block, normHeads(block, "q_norm", queries), normHeads(block, "k_norm", keys), values);
    return block.linear(
        "attention.output",
        context,
        "self_attn.o_proj",
        hidden,
        (long) heads * headSize,
        outputBias());
  }

  /** Scores, softmax and sum of values. */
  String attend(BlockWriter block, String queries, String keys, String values) {
    return block.attend(queries, keys, values);
  }

  private String projected(BlockWriter block, String projection, String x, long count) {
    long width = count * headSize;
    String flat =
        block.linear(
            "attention." + projection,
            x,
            "self_attn." + projection,
            width,
            hidden,
            queryKeyValueBias());
    String adjusted = adjustFlat(block, projection, flat, width);
    return block.heads("attention." + projection + ".heads", adjusted, count, headSize);
  }

  /** The feed-forward part of one layer; here they are all of a kind. */
  String feedForward(BlockWriter block, int layer, String x) {
    return mlp(block, x);
  }

  /** down(act(gate(x)) · up(x)). */
  String mlp(BlockWriter block, String x) {
    return block.gatedMlp("mlp", x, intermediate, hidden, activation, mlpBias());
  }

  @Override
  String logits(BlockWriter pass, String x) {
    return outputMatrix(pass, norm(pass, "final_norm", x, "model.norm", hidden));
  }

  /** The output matrix, which may be the token embedding. */
  String outputMatrix(BlockWriter pass, String normed) {
    String matrix = tied ? "model.embed_tokens" : "lm_head";
    return pass.linear("flat_logits", normed, matrix, vocab, hidden, false);
  }
}
