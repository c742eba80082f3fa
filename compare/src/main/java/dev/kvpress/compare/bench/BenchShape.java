package dev.kvpress.compare.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Shape of the random Llama.
 *
 * @param layers decoder layers
 * @param hidden E
 * @param intermediate width of the feed-forward part
 * @param heads H
 * @param kvHeads G, a divisor of H
 * @param headSize D, even
 * @param vocabulary V
 * @param maxPositions positions it claims to be made for
 */
record BenchShape(
    int layers,
    int hidden,
    int intermediate,
    int heads,
    int kvHeads,
    int headSize,
    int vocabulary,
    int maxPositions) {

  /** The shape for which figures are published. */
  static final BenchShape DEFAULT = new BenchShape(8, 512, 1376, 8, 4, 64, 4096, 16_384);

  BenchShape {
    for (int size :
        new int[] {
          layers, hidden, intermediate, heads, kvHeads, headSize, vocabulary, maxPositions
        }) {
      checkArgument(size >= 1, "every size of the model must be at least 1, found %s", size);
    }
    checkArgument(
        heads % kvHeads == 0, "heads must be a multiple of KV heads: %s, %s", heads, kvHeads);
    checkArgument(headSize % 2 == 0, "head size must be even, found %s", headSize);
  }

  /** The shape as config.json of a Hugging Face Llama with tied embedding. */
  ObjectNode config() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add("LlamaForCausalLM");
    return json.put("model_type", "llama")
        .put("hidden_size", hidden)
        .put("intermediate_size", intermediate)
        .put("num_hidden_layers", layers)
        .put("num_attention_heads", heads)
        .put("num_key_value_heads", kvHeads)
        .put("head_dim", headSize)
        .put("vocab_size", vocabulary)
        .put("max_position_embeddings", maxPositions)
        .put("rms_norm_eps", 1e-5)
        .put("rope_theta", 10_000.0)
        .put("hidden_act", "silu")
        .put("tie_word_embeddings", true)
        .put("attention_bias", false)
        .put("mlp_bias", false)
        .put("bos_token_id", 1)
        .put("eos_token_id", 2)
        .put("torch_dtype", "float32");
  }

  /** Bytes of one pass's attention of one layer, {@code [H, chunk, S]} in float32. */
  long attentionBytes(int chunk, int tokens) {
    return 4L * heads * chunk * tokens;
  }
}
