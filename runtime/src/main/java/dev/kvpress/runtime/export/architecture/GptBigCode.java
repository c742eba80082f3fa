package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * StarCoder and SantaCoder (GPT-BigCode, arXiv 2305.06161): GPT-2 with one key and value for all
 * query heads.
 */
final class GptBigCode extends Architecture {
  private final String name;
  private final int hidden;
  private final int layers;
  private final int heads;
  private final int headSize;
  private final int intermediate;
  private final int vocab;
  private final int positions;
  private final double eps;
  private final boolean multiQuery;
  private final boolean scaled;
  private final boolean tied;
  private final Activation activation;

  GptBigCode(ConfigReader config, CheckpointFacts facts) {
    name = facts.architecture();
    hidden = size(config, config.named("n_embd", "hidden_size"));
    layers = size(config, config.named("n_layer", "num_hidden_layers"));
    heads = size(config, config.named("n_head", "num_attention_heads"));
    headSize = evenHeadSize(config, hidden, heads);
    intermediate = size(config, "n_inner", 4 * hidden);
    vocab = size(config, "vocab_size");
    positions = size(config, config.named("n_positions", "max_position_embeddings"));
    eps = epsilon(config, "layer_norm_epsilon", 1e-5);
    multiQuery = config.flag("multi_query", true);
    scaled = config.flag("scale_attn_weights", true);
    tied = config.flag("tie_word_embeddings", true);
    activation = Activation.read(config, "activation_function", "gelu_pytorch_tanh");
    config.require("add_cross_attention", false);
    config.require("num_key_value_heads", multiQuery ? 1 : heads);
    config.ignore(
        "attention_softmax_in_fp32",
        "scale_attention_softmax_in_fp32",
        "inference_runner",
        "validate_runner_input",
        "pre_allocate_kv_cache",
        "pad_key_length",
        "max_batch_size",
        "max_sequence_length");
  }

  @Override
  public DecoderConfig config() {
    AttentionShape shape = AttentionShape.plain(heads, multiQuery ? 1 : heads, headSize);
    return new DecoderConfig(
        name,
        hidden,
        vocab,
        positions,
        List.of(),
        everyLayer(layers, scaled ? shape : shape.withScale(1), LayerPlan.NO_ROPE));
  }

  @Override
  String layerPrefix(int layer) {
    return "transformer.h." + layer + ".";
  }

  /** The causal mask that older files hold as a tensor. */
  @Override
  boolean isBuffer(String tensor) {
    return tensor.equals("transformer.bias") || tensor.endsWith(".attn.masked_bias");
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
    String fed =
        block.feedForward(
            mlpInput, "mlp.c_fc", "mlp.c_proj", intermediate, hidden, activation, true);
    return block.add("output", attended, fed);
  }

  private String attention(BlockWriter block, String x) {
    int kvHeads = multiQuery ? 1 : heads;
    long width = hidden + 2L * kvHeads * headSize;
    String all = block.linear("attention.qkv", x, "attn.c_attn", width, hidden, true);
    List<String> qkv = block.groupedHeads("attention.qkv", all, kvHeads, heads / kvHeads, headSize);
    String context = block.attend(qkv.get(0), qkv.get(1), qkv.get(2));
    return block.linear("attention.output", context, "attn.c_proj", hidden, hidden, true);
  }

  @Override
  String logits(BlockWriter pass, String x) {
    String normed = pass.layerNorm("final_norm", x, "transformer.ln_f", hidden, eps, true);
    String matrix = tied ? "transformer.wte" : "lm_head";
    return pass.linear("flat_logits", normed, matrix, vocab, hidden, false);
  }
}
