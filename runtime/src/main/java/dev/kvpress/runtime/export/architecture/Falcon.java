package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AlibiBias;
import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * Falcon (arXiv 2311.16867): attention and feed-forward part side by side, one key and value for
 * all query heads or for groups of them. Its first sizes have ALiBi and the parts one after the
 * other.
 */
final class Falcon extends Architecture {
  private final ConfigReader config;
  private final String name;
  private final int hidden;
  private final int layers;
  private final int heads;
  private final int kvHeads;
  private final int headSize;
  private final int intermediate;
  private final int vocab;
  private final int positions;
  private final double eps;
  private final boolean alibi;
  private final boolean parallel;
  private final boolean twoNorms;
  private final boolean bias;
  private final boolean tied;
  private final Activation activation;

  Falcon(ConfigReader config, CheckpointFacts facts) {
    this.config = config;
    name = facts.architecture();
    hidden = size(config, config.named("hidden_size", "n_embed"));
    layers = size(config, "num_hidden_layers");
    heads = size(config, "num_attention_heads");
    headSize = evenHeadSize(config, hidden, heads);
    vocab = size(config, "vocab_size");
    positions = size(config, "max_position_embeddings", 2048);
    eps = epsilon(config, "layer_norm_epsilon", 1e-5);
    alibi = config.flag("alibi", false);
    parallel = config.flag("parallel_attn", true);
    bias = config.flag("bias", false);
    tied = config.flag("tie_word_embeddings", true);
    intermediate = size(config, "ffn_hidden_size", 4 * hidden);
    config.require("ff_factor", (double) intermediate / hidden);
    activation = Activation.read(config, "activation", "gelu");
    boolean newDecoder = config.flag("new_decoder_architecture", false);
    kvHeads = kvHeads(newDecoder);
    twoNorms = normsInParallel(newDecoder) == 2;
    config.require("apply_residual_connection_post_layernorm", false);
  }

  private int kvHeads(boolean newDecoder) {
    int given = size(config, "num_kv_heads", heads);
    boolean one = config.flag("multi_query", true);
    if (newDecoder) {
      return given;
    }
    if (!one && given != heads) {
      throw config.unsupported(
          "num_kv_heads", given, heads + " without multi_query and new_decoder_architecture");
    }
    return one ? 1 : heads;
  }

  private int normsInParallel(boolean newDecoder) {
    int norms = config.integer("num_ln_in_parallel_attn", newDecoder ? 2 : 1);
    if (newDecoder && !parallel) {
      throw config.unsupported("parallel_attn", false, "true with new_decoder_architecture");
    }
    if (norms != 1 && (norms != 2 || !newDecoder)) {
      throw config.unsupported(
          "num_ln_in_parallel_attn", norms, "1, and 2 with new_decoder_architecture");
    }
    return norms;
  }

  @Override
  public DecoderConfig config() {
    AttentionShape shape = AttentionShape.plain(heads, kvHeads, headSize);
    if (alibi) {
      List<Float> slopes = Alibi.rounded(Alibi.afterSmaller(heads));
      AttentionShape biased = shape.withAlibi(slopes, AlibiBias.OF_ROUNDED_POSITION);
      // Some files say how keys would be turned, although none is.
      config.ignore("rope_theta", "rope_scaling");
      return description(List.of(), new LayerPlan(biased, LayerPlan.NO_ROPE));
    }
    return description(
        List.of(new RopeReader(config, positions, headSize).read()), new LayerPlan(shape, 0));
  }

  private DecoderConfig description(List<Rope> ropes, LayerPlan plan) {
    return new DecoderConfig(
        name, hidden, vocab, positions, ropes, everyLayer(layers, plan.attention(), plan.rope()));
  }

  @Override
  String layerPrefix(int layer) {
    return "transformer.h." + layer + ".";
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    return gather(pass, "embedded", "transformer.word_embeddings.weight", ids, vocab, hidden);
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String norm = twoNorms ? "ln_attn" : "input_layernorm";
    String normed = norm(block, "attention.input", x, norm);
    String attended = block.add("attended", x, attention(block, normed));
    String fed = feedForward(block, mlpInput(block, x, normed, attended));
    return block.add("output", attended, fed);
  }

  private String mlpInput(BlockWriter block, String x, String normed, String attended) {
    if (!parallel) {
      return norm(block, "mlp.input", attended, "post_attention_layernorm");
    }
    return twoNorms ? norm(block, "mlp.input", x, "ln_mlp") : normed;
  }

  private String attention(BlockWriter block, String x) {
    long width = (heads + 2L * kvHeads) * headSize;
    String all =
        block.linear("attention.qkv", x, "self_attention.query_key_value", width, hidden, bias);
    List<String> qkv = block.groupedHeads("attention.qkv", all, kvHeads, heads / kvHeads, headSize);
    String context = block.attend(qkv.get(0), qkv.get(1), qkv.get(2));
    return block.linear("attention.output", context, "self_attention.dense", hidden, hidden, bias);
  }

  private String feedForward(BlockWriter block, String x) {
    return block.feedForward(
        x, "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", intermediate, hidden, activation, bias);
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
