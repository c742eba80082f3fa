package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;

/**
 * StarCoder and SantaCoder (GPT-BigCode, arXiv 2305.06161): GPT-2 with one key and value for all
 * query heads.
 */
final class GptBigCode extends Gpt2Family {
  private final int headSize;
  private final boolean multiQuery;
  private final boolean scaled;

  GptBigCode(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, "gelu_pytorch_tanh");
    headSize = evenHeadSize(config, hidden, heads);
    multiQuery = config.flag("multi_query", true);
    scaled = config.flag("scale_attn_weights", true);
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

  /** The causal mask that older files hold as a tensor. */
  @Override
  boolean isBuffer(String tensor) {
    return tensor.equals("transformer.bias") || tensor.endsWith(".attn.masked_bias");
  }

  @Override
  String attention(BlockWriter block, String x) {
    int kvHeads = multiQuery ? 1 : heads;
    long width = hidden + 2L * kvHeads * headSize;
    String all = block.linear("attention.qkv", x, "attn.c_attn", width, hidden, true);
    List<String> qkv = block.groupedHeads("attention.qkv", all, kvHeads, heads / kvHeads, headSize);
    String context = block.attend(qkv.get(0), qkv.get(1), qkv.get(2));
    return block.linear("attention.output", context, "attn.c_proj", hidden, hidden, true);
  }

  @Override
  String feedForward(BlockWriter block, String x) {
    return block.feedForward(x, "mlp.c_fc", "mlp.c_proj", intermediate, hidden, activation, true);
  }
}
