package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** MPT (MosaicML 2023): ALiBi instead of positions, no bias anywhere. */
final class Mpt extends Architecture {
  private final String name;
  private final int hidden;
  private final int layers;
  private final int heads;
  private final int headSize;
  private final int intermediate;
  private final int vocab;
  private final int positions;
  private final double eps;
  private final boolean tied;
  private final double scale;
  private final double clip;

  Mpt(ConfigReader config, CheckpointFacts facts) {
    name = facts.architecture();
    hidden = size(config, config.named("d_model", "hidden_size"));
    layers = size(config, config.named("n_layers", "num_hidden_layers"));
    heads = size(config, config.named("n_heads", "num_attention_heads"));
    headSize = evenHeadSize(config, hidden, heads);
    intermediate = intermediate(config);
    vocab = size(config, "vocab_size");
    positions = size(config, "max_seq_len", 2048);
    eps = epsilon(config, "layer_norm_epsilon", 1e-5);
    tied = config.flag("tie_word_embeddings", true);
    config.require("no_bias", true);
    config.require("norm_type", "low_precision_layernorm", "layernorm");
    config.requireAbsent("logit_scale");
    // Learned positions are there only where ALiBi is not, whatever this field says; the fraction
    // scales gradients.
    config.ignore(
        "learned_pos_emb",
        "embedding_fraction",
        "emb_pdrop",
        "init_config",
        "tokenizer_name",
        "verbose");
    ConfigReader attention = config.object("attn_config");
    scale = positive(attention, "softmax_scale", 1 / Math.sqrt(headSize));
    clip = positive(attention, "clip_qkv", 0);
    if (attention != null) {
      checkAttention(attention);
    }
  }

  private int intermediate(ConfigReader config) {
    long ratio = size(config, "expansion_ratio", 4);
    if (ratio * hidden > 1 << 24) {
      throw new ModelException(
          "%s: expansion_ratio times the hidden size must be at most %d, found %d times %d"
              .formatted(config.place(), 1 << 24, ratio, hidden));
    }
    return (int) ratio * hidden;
  }

  private static double positive(@Nullable ConfigReader attention, String field, double otherwise) {
    if (attention == null || !attention.has(field)) {
      return otherwise;
    }
    double value = attention.number(field);
    if (!(value > 0 && value <= Float.MAX_VALUE)) {
      throw new ModelException(
          "%s: %s must be positive, found %s".formatted(attention.place(), field, value));
    }
    return value;
  }

  private static void checkAttention(ConfigReader attention) {
    attention.require("attn_type", "multihead_attention");
    attention.require("alibi", true);
    attention.require("alibi_bias_max", 8);
    attention.require("qk_ln", false);
    attention.require("prefix_lm", false);
    attention.require("attn_uses_sequence_id", false);
    attention.ignore("attn_impl");
    attention.requireAllUnderstood();
  }

  @Override
  public DecoderConfig config() {
    AttentionShape shape =
        AttentionShape.plain(heads, heads, headSize)
            .withScale(scale)
            .withAlibi(Alibi.ofLarger(heads, 8));
    return new DecoderConfig(
        name, hidden, vocab, positions, List.of(), everyLayer(layers, shape, LayerPlan.NO_ROPE));
  }

  @Override
  String layerPrefix(int layer) {
    return "transformer.blocks." + layer + ".";
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    return gather(pass, "embedded", "transformer.wte.weight", ids, vocab, hidden);
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String normed = norm(block, "attention.input", x, "norm_1");
    String attended = block.add("attended", x, attention(block, normed));
    String fed =
        block.feedForward(
            norm(block, "mlp.input", attended, "norm_2"),
            "ffn.up_proj",
            "ffn.down_proj",
            intermediate,
            hidden,
            Activation.GELU,
            false);
    return block.add("output", attended, fed);
  }

  private String attention(BlockWriter block, String x) {
    String all = block.linear("attention.qkv", x, "attn.Wqkv", 3L * hidden, hidden, false);
    String clipped = clip == 0 ? all : block.clip("attention.clipped", all, -clip, clip);
    List<String> parts = block.split("attention.qkv", clipped, hidden, hidden, hidden);
    String context =
        block.attend(
            block.heads("attention.q", parts.get(0), heads, headSize),
            block.heads("attention.k", parts.get(1), heads, headSize),
            block.heads("attention.v", parts.get(2), heads, headSize));
    return block.linear("attention.output", context, "attn.out_proj", hidden, hidden, false);
  }

  private String norm(BlockWriter block, String value, String x, String weight) {
    return block.layerNorm(value, x, weight, hidden, eps, false);
  }

  @Override
  String logits(BlockWriter pass, String x) {
    String normed = norm(pass, "final_norm", x, "transformer.norm_f");
    String matrix = tied ? "transformer.wte" : "lm_head";
    return pass.linear("flat_logits", normed, matrix, vocab, hidden, false);
  }
}
