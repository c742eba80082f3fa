package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * BLOOM (arXiv 2211.05100): ALiBi instead of positions, a layer norm behind the embedding, one
 * projection for queries, keys and values of each head.
 */
final class Bloom extends Architecture {
  private final String name;
  private final int hidden;
  private final int layers;
  private final int heads;
  private final int headSize;
  private final int vocab;
  private final int positions;
  private final double eps;
  private final boolean fromNormed;
  private final boolean tied;

  Bloom(ConfigReader config, CheckpointFacts facts) {
    name = facts.architecture();
    hidden = size(config, config.named("hidden_size", "n_embed"));
    layers = size(config, config.named("n_layer", "num_hidden_layers"));
    heads = size(config, config.named("n_head", "num_attention_heads"));
    headSize = evenHeadSize(config, hidden, heads);
    vocab = size(config, "vocab_size");
    // ALiBi has no end; older files tell how long the texts of the training were.
    positions = size(config, "seq_length", 2048);
    eps = epsilon(config, "layer_norm_epsilon", 1e-5);
    fromNormed = config.flag("apply_residual_connection_post_layernorm", false);
    tied = config.flag("tie_word_embeddings", true);
    config.require("n_inner", 4.0 * hidden);
    config.ignore(
        "offset_alibi",
        "masked_softmax_fusion",
        "attention_softmax_in_fp32",
        "skip_bias_add",
        "skip_bias_add_qkv",
        "bias_dropout_fusion");
  }

  @Override
  public DecoderConfig config() {
    AttentionShape shape =
        AttentionShape.plain(heads, heads, headSize).withAlibi(Alibi.afterSmaller(heads));
    return new DecoderConfig(
        name, hidden, vocab, positions, List.of(), everyLayer(layers, shape, LayerPlan.NO_ROPE));
  }

  @Override
  String layerPrefix(int layer) {
    return "transformer.h." + layer + ".";
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    String words = gather(pass, "words", "transformer.word_embeddings.weight", ids, vocab, hidden);
    return norm(pass, "embedded", words, "transformer.word_embeddings_layernorm");
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String normed = norm(block, "attention.input", x, "input_layernorm");
    String attended = block.add("attended", fromNormed ? normed : x, attention(block, normed));
    String mlpInput = norm(block, "mlp.input", attended, "post_attention_layernorm");
    String fed =
        block.feedForward(
            mlpInput,
            "mlp.dense_h_to_4h",
            "mlp.dense_4h_to_h",
            4L * hidden,
            hidden,
            Activation.GELU_TANH,
            true);
    return block.add("output", fromNormed ? mlpInput : attended, fed);
  }

  private String attention(BlockWriter block, String x) {
    String weight = "self_attention.query_key_value";
    String all = block.linear("attention.qkv", x, weight, 3L * hidden, hidden, true);
    List<String> qkv = block.groupedHeads("attention.qkv", all, heads, 1, headSize);
    String context = block.attend(qkv.get(0), qkv.get(1), qkv.get(2));
    return block.linear("attention.output", context, "self_attention.dense", hidden, hidden, true);
  }

  private String norm(BlockWriter block, String value, String x, String weight) {
    return block.layerNorm(value, x, weight, hidden, eps, true);
  }

  @Override
  String logits(BlockWriter pass, String x) {
    String normed = norm(pass, "final_norm", x, "transformer.ln_f");
    String matrix = tied ? "transformer.word_embeddings" : "lm_head";
    return pass.linear("flat_logits", normed, matrix, vocab, hidden, false);
  }
}
