package dev.kvpress.runtime.export;

import java.util.ArrayList;
import java.util.List;

/**
 * One weight of a decoder, by its Hugging Face name.
 *
 * @param name such as {@code model.layers.0.self_attn.q_proj.weight}
 * @param shape {@code [out,in]} for matrices
 */
record TensorSpec(String name, List<Long> shape) {

  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String FINAL_NORM = "model.norm.weight";
  static final String OUTPUT = "lm_head.weight";

  TensorSpec {
    shape = List.copyOf(shape);
  }

  private static TensorSpec of(String name, long... shape) {
    List<Long> dims = new ArrayList<>();
    for (long dim : shape) {
      dims.add(dim);
    }
    return new TensorSpec(name, dims);
  }

  /** Number of elements; sizes are bounded by {@link DecoderConfig}, so that the product fits. */
  long elements() {
    long product = 1;
    for (long dim : shape) {
      product *= dim;
    }
    return product;
  }

  /** Name of a weight of one layer. */
  static String inLayer(int layer, String name) {
    return "model.layers." + layer + "." + name;
  }

  /** Every weight that a decoder of this shape needs, in the order of use. */
  static List<TensorSpec> of(DecoderConfig c) {
    List<TensorSpec> specs = new ArrayList<>();
    specs.add(of(EMBEDDING, c.vocab(), c.hidden()));
    for (int l = 0; l < c.layers(); l++) {
      addLayer(specs, c, "model.layers." + l + ".");
    }
    specs.add(of(FINAL_NORM, c.hidden()));
    if (!c.tiedEmbeddings()) {
      specs.add(of(OUTPUT, c.vocab(), c.hidden()));
    }
    return specs;
  }

  private static void addLayer(List<TensorSpec> specs, DecoderConfig c, String prefix) {
    long queryWidth = (long) c.heads() * c.headDim();
    long kvWidth = (long) c.kvHeads() * c.headDim();
    specs.add(of(prefix + "input_layernorm.weight", c.hidden()));
    addLinear(specs, prefix + "self_attn.q_proj", queryWidth, c.hidden(), c.qkvBias());
    addLinear(specs, prefix + "self_attn.k_proj", kvWidth, c.hidden(), c.qkvBias());
    addLinear(specs, prefix + "self_attn.v_proj", kvWidth, c.hidden(), c.qkvBias());
    if (c.qkNorm()) {
      specs.add(of(prefix + "self_attn.q_norm.weight", c.headDim()));
      specs.add(of(prefix + "self_attn.k_norm.weight", c.headDim()));
    }
    addLinear(specs, prefix + "self_attn.o_proj", c.hidden(), queryWidth, c.outputBias());
    specs.add(of(prefix + "post_attention_layernorm.weight", c.hidden()));
    addLinear(specs, prefix + "mlp.gate_proj", c.intermediate(), c.hidden(), c.mlpBias());
    addLinear(specs, prefix + "mlp.up_proj", c.intermediate(), c.hidden(), c.mlpBias());
    addLinear(specs, prefix + "mlp.down_proj", c.hidden(), c.intermediate(), c.mlpBias());
  }

  private static void addLinear(
      List<TensorSpec> specs, String name, long out, long in, boolean bias) {
    specs.add(of(name + ".weight", out, in));
    if (bias) {
      specs.add(of(name + ".bias", out));
    }
  }
}
