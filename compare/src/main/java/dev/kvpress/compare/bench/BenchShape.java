package dev.kvpress.compare.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Shape of a random Llama.
 *
 * @param layers decoder layers
 * @param hidden E
 * @param intermediate width of the feed-forward part
 * @param heads H
 * @param kvHeads G, a divisor of H
 * @param headSize D, even
 * @param vocabulary V
 * @param maxPositions positions it claims to be made for
 * @param tied whether the embedding is the last projection too
 */
public record BenchShape(
    int layers,
    int hidden,
    int intermediate,
    int heads,
    int kvHeads,
    int headSize,
    int vocabulary,
    int maxPositions,
    boolean tied) {

  /** Checks the sizes, each and together. */
  public BenchShape {
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

  /** The same with another number of layers. */
  BenchShape withLayers(int count) {
    return new BenchShape(
        count, hidden, intermediate, heads, kvHeads, headSize, vocabulary, maxPositions, tied);
  }

  /** Numbers of all weights. */
  public long parameters() {
    long attention = (long) hidden * headSize * (2L * heads + 2L * kvHeads);
    long layer = attention + 3L * hidden * intermediate + 2L * hidden;
    long embedding = (long) vocabulary * hidden;
    return layers * layer + embedding * (tied ? 1 : 2) + hidden;
  }

  /** All sizes, as part of a file's name. */
  public String fileName() {
    return "%d-%d-%d-%d-%d-%d-%d-%d%s"
        .formatted(
            layers,
            hidden,
            intermediate,
            heads,
            kvHeads,
            headSize,
            vocabulary,
            maxPositions,
            tied ? "" : "-untied");
  }

  /** The shape as config.json of a Hugging Face Llama. */
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
        .put("tie_word_embeddings", tied)
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
