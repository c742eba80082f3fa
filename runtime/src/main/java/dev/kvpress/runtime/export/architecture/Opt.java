package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * OPT (arXiv 2205.01068): learned positions, layer norms before attention and feed-forward part, or
 * behind them in one of its sizes, whose embeddings are narrower than its layers.
 */
final class Opt extends Architecture {
  private static final String DECODER = "model.decoder.";

  /** Rows of the table of positions before that of position 0. */
  private static final int OFFSET = 2;

  private static final double EPS = 1e-5;

  private final String name;
  private final int hidden;
  private final int embedded;
  private final int layers;
  private final int heads;
  private final int headSize;
  private final int intermediate;
  private final int vocab;
  private final int positions;
  private final boolean normBefore;
  private final boolean finalNorm;
  private final boolean bias;
  private final boolean affineNorms;
  private final boolean tied;
  private final Activation activation;

  Opt(ConfigReader config, CheckpointFacts facts) {
    name = facts.architecture();
    hidden = size(config, "hidden_size");
    embedded = size(config, "word_embed_proj_dim", hidden);
    layers = size(config, "num_hidden_layers");
    heads = size(config, "num_attention_heads");
    headSize = evenHeadSize(config, hidden, heads);
    intermediate = size(config, "ffn_dim");
    vocab = size(config, "vocab_size");
    positions = size(config, "max_position_embeddings", 2048);
    normBefore = config.flag("do_layer_norm_before", true);
    // Files from before transformers 4.20.1 were trained without it.
    boolean removed = config.flag("_remove_final_layer_norm", false);
    finalNorm = normBefore && !removed;
    bias = config.flag("enable_bias", true);
    affineNorms = config.flag("layer_norm_elementwise_affine", true);
    tied = config.flag("tie_word_embeddings", true);
    activation = Activation.read(config, "activation_function", "relu");
    config.require("learned_embeddings", true);
    config.require("scale_embeddings", false);
  }

  @Override
  public DecoderConfig config() {
    return new DecoderConfig(
        name,
        hidden,
        vocab,
        positions,
        List.of(),
        everyLayer(layers, AttentionShape.plain(heads, heads, headSize), LayerPlan.NO_ROPE));
  }

  @Override
  String layerPrefix(int layer) {
    return DECODER + "layers." + layer + ".";
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    String table = DECODER + "embed_tokens.weight";
    String tokens = gather(pass, "embedded", table, ids, vocab, embedded);
    String wide =
        embedded == hidden
            ? tokens
            : pass.linear("embedded_wide", tokens, DECODER + "project_in", hidden, embedded, false);
    String places =
        places(pass, DECODER + "embed_positions.weight", OFFSET, positions + OFFSET, hidden);
    return pass.add("embedded_with_places", wide, places);
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    return normBefore ? normedBefore(block, x) : normedAfter(block, x);
  }

  private String normedBefore(BlockWriter block, String x) {
    String normed = norm(block, "attention.input", x, "self_attn_layer_norm");
    String attended = block.add("attended", x, attention(block, normed));
    String fed = feedForward(block, norm(block, "mlp.input", attended, "final_layer_norm"));
    return block.add("output", attended, fed);
  }

  private String normedAfter(BlockWriter block, String x) {
    String attention = attention(block, block.alias("attention.input", x));
    String sum = block.add("attention.sum", x, attention);
    String attended = norm(block, "attended", sum, "self_attn_layer_norm");
    String fed = block.add("mlp.sum", attended, feedForward(block, attended));
    return norm(block, "output", fed, "final_layer_norm");
  }

  private String attention(BlockWriter block, String x) {
    String context =
        block.attend(
            projected(block, "q_proj", x),
            projected(block, "k_proj", x),
            projected(block, "v_proj", x));
    return block.linear("attention.output", context, "self_attn.out_proj", hidden, hidden, bias);
  }

  private String projected(BlockWriter block, String projection, String x) {
    String value = "attention." + projection;
    String flat = block.linear(value, x, "self_attn." + projection, hidden, hidden, bias);
    return block.heads(value + ".heads", flat, heads, headSize);
  }

  private String feedForward(BlockWriter block, String x) {
    return block.feedForward(x, "fc1", "fc2", intermediate, hidden, activation, bias);
  }

  private String norm(BlockWriter block, String value, String x, String weight) {
    return affineNorms
        ? block.layerNorm(value, x, weight, hidden, EPS, true)
        : block.plainLayerNorm(value, x, hidden, EPS);
  }

  @Override
  String logits(BlockWriter pass, String x) {
    String normed = finalNorm ? norm(pass, "final_norm", x, DECODER + "final_layer_norm") : x;
    String narrow =
        embedded == hidden
            ? normed
            : pass.linear("narrow", normed, DECODER + "project_out", embedded, hidden, false);
    String matrix = tied ? DECODER + "embed_tokens" : "lm_head";
    return pass.linear("flat_logits", narrow, matrix, vocab, embedded, false);
  }
}
