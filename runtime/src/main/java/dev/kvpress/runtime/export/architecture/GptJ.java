package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * GPT-J (Wang and Komatsuzaki 2021): attention and feed-forward part side by side behind one layer
 * norm; the first channels of each head are turned in pairs of neighbours.
 */
final class GptJ extends Architecture {
  private final String name;
  private final int hidden;
  private final int layers;
  private final int heads;
  private final int headSize;
  private final int rotated;
  private final int intermediate;
  private final int vocab;
  private final int positions;
  private final double eps;
  private final boolean tied;
  private final Activation activation;

  GptJ(ConfigReader config, CheckpointFacts facts) {
    name = facts.architecture();
    hidden = size(config, config.named("n_embd", "hidden_size"));
    layers = size(config, config.named("n_layer", "num_hidden_layers"));
    heads = size(config, config.named("n_head", "num_attention_heads"));
    headSize = evenHeadSize(config, hidden, heads);
    rotated = rotated(config);
    intermediate = size(config, "n_inner", 4 * hidden);
    vocab = size(config, "vocab_size");
    positions = size(config, config.named("n_positions", "max_position_embeddings"));
    eps = epsilon(config, "layer_norm_epsilon", 1e-5);
    tied = config.flag("tie_word_embeddings", false);
    activation = Activation.read(config, "activation_function", "gelu_new");
    config.require("rotary", true);
    config.require("scale_attn_weights", true);
    // Older files repeat the positions under a second name, which is not read.
    config.ignore("n_ctx");
  }

  private int rotated(ConfigReader config) {
    int channels = config.absent("rotary_dim") ? 64 : size(config, "rotary_dim");
    if (channels % 2 != 0 || channels > headSize) {
      throw new ModelException(
          "%s: rotary_dim must be even and at most the head size %d, found %d"
              .formatted(config.place(), headSize, channels));
    }
    return channels;
  }

  @Override
  public DecoderConfig config() {
    Rope rope = new FixedRope(FixedRope.frequenciesOf(10_000, rotated), true, 1);
    return new DecoderConfig(
        name,
        hidden,
        vocab,
        positions,
        List.of(rope),
        everyLayer(layers, AttentionShape.plain(heads, heads, headSize), 0));
  }

  @Override
  String layerPrefix(int layer) {
    return "transformer.h." + layer + ".";
  }

  /** The causal mask, which older files hold as a tensor. */
  @Override
  boolean isBuffer(String tensor) {
    return tensor.endsWith(".attn.bias")
        || tensor.endsWith(".attn.masked_bias")
        || tensor.endsWith(".attn.embed_positions");
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    return gather(pass, "embedded", "transformer.wte.weight", ids, vocab, hidden);
  }

  @Override
  String layer(BlockWriter block, int layer, String x) {
    String normed = block.layerNorm("attention.input", x, "ln_1", hidden, eps, true);
    String attended = block.add("attended", x, attention(block, normed));
    String fed =
        block.feedForward(
            normed, "mlp.fc_in", "mlp.fc_out", intermediate, hidden, activation, true);
    return block.add("output", attended, fed);
  }

  private String attention(BlockWriter block, String x) {
    String context =
        block.attend(
            projected(block, "q_proj", x),
            projected(block, "k_proj", x),
            projected(block, "v_proj", x));
    return block.linear("attention.output", context, "attn.out_proj", hidden, hidden, false);
  }

  private String projected(BlockWriter block, String projection, String x) {
    String value = "attention." + projection;
    String flat = block.linear(value, x, "attn." + projection, hidden, hidden, false);
    return block.heads(value + ".heads", flat, heads, headSize);
  }

  @Override
  String logits(BlockWriter pass, String x) {
    String normed = pass.layerNorm("final_norm", x, "transformer.ln_f", hidden, eps, true);
    String matrix = tied ? "transformer.wte" : "lm_head";
    String products = pass.linear("products", normed, matrix, vocab, hidden, false);
    return pass.add("flat_logits", products, pass.weight("lm_head.bias", vocab));
  }
}
