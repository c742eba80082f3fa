package dev.kvpress.runtime.export.architecture;

/**
 * What GPT-2 and its relatives share: learned positions, layer norms before attention and
 * feed-forward part, and names of fields and tensors.
 */
abstract class Gpt2Family extends Architecture {
  final String name;
  final int hidden;
  final int layers;
  final int heads;
  final int intermediate;
  final int vocab;
  final int positions;
  final Activation activation;
  private final double eps;
  private final boolean tied;

  /** Reads the fields that they share; {@code gelu} is the activation where the file says none. */
  Gpt2Family(ConfigReader config, CheckpointFacts facts, String gelu) {
    name = facts.architecture();
    hidden = size(config, config.named("n_embd", "hidden_size"));
    layers = size(config, config.named("n_layer", "num_hidden_layers"));
    heads = size(config, config.named("n_head", "num_attention_heads"));
    intermediate = size(config, "n_inner", 4 * hidden);
    vocab = size(config, "vocab_size");
    positions = size(config, config.named("n_positions", "max_position_embeddings"));
    eps = epsilon(config, "layer_norm_epsilon", 1e-5);
    tied = config.flag("tie_word_embeddings", true);
    activation = Activation.read(config, "activation_function", gelu);
    config.require("add_cross_attention", false);
  }

  /** Attention of normed values {@code [B*Q,E]}, projected back to {@code [B*Q,E]}. */
  abstract String attention(BlockWriter block, String x);

  /** The feed-forward part of normed values {@code [B*Q,E]}. */
  abstract String feedForward(BlockWriter block, String x);

  @Override
  final String layerPrefix(int layer) {
    return "transformer.h." + layer + ".";
  }

  @Override
  final String embed(BlockWriter pass, String ids) {
    String tokens = gather(pass, "embedded", "transformer.wte.weight", ids, vocab, hidden);
    String places = places(pass, "transformer.wpe.weight", 0, positions, hidden);
    return pass.add("embedded_with_places", tokens, places);
  }

  @Override
  final String layer(BlockWriter block, int layer, String x) {
    String normed = block.layerNorm("attention.input", x, "ln_1", hidden, eps, true);
    String attended = block.add("attended", x, attention(block, normed));
    String mlpInput = block.layerNorm("mlp.input", attended, "ln_2", hidden, eps, true);
    return block.add("output", attended, feedForward(block, mlpInput));
  }

  @Override
  final String logits(BlockWriter pass, String x) {
    String normed = pass.layerNorm("final_norm", x, "transformer.ln_f", hidden, eps, true);
    String matrix = tied ? "transformer.wte" : "lm_head";
    return pass.linear("flat_logits", normed, matrix, vocab, hidden, false);
  }
}
