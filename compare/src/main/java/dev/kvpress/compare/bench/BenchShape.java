package dev.kvpress.compare.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

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

  private static final double STD = 0.02;

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

  /**
   * One weight.
   *
   * @param std standard deviation of its numbers; 0 for a norm, which is all ones
   */
  record Weight(String name, double std, int... shape) {
    long elements() {
      long product = 1;
      for (int size : shape) {
        product *= size;
      }
      return product;
    }
  }

  /**
   * All weights in file order. Projections that end a residual branch are smaller by √(2·layers),
   * so that the residual stream does not grow with depth.
   */
  List<Weight> weights() {
    double small = STD / Math.sqrt(2.0 * layers);
    List<Weight> all = new ArrayList<>();
    all.add(new Weight("model.embed_tokens.weight", STD, vocabulary, hidden));
    for (int l = 0; l < layers; l++) {
      String p = "model.layers." + l + ".";
      all.add(new Weight(p + "input_layernorm.weight", 0, hidden));
      all.add(new Weight(p + "self_attn.q_proj.weight", STD, heads * headSize, hidden));
      all.add(new Weight(p + "self_attn.k_proj.weight", STD, kvHeads * headSize, hidden));
      all.add(new Weight(p + "self_attn.v_proj.weight", STD, kvHeads * headSize, hidden));
      all.add(new Weight(p + "self_attn.o_proj.weight", small, hidden, heads * headSize));
      all.add(new Weight(p + "post_attention_layernorm.weight", 0, hidden));
      all.add(new Weight(p + "mlp.gate_proj.weight", STD, intermediate, hidden));
      all.add(new Weight(p + "mlp.up_proj.weight", STD, intermediate, hidden));
      all.add(new Weight(p + "mlp.down_proj.weight", small, hidden, intermediate));
    }
    all.add(new Weight("model.norm.weight", 0, hidden));
    return all;
  }

  /** Bytes of one pass's attention of one layer, {@code [H, chunk, S]} in float32. */
  long attentionBytes(int chunk, int tokens) {
    return 4L * heads * chunk * tokens;
  }
}
