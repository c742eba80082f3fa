package dev.kvpress.runtime.export.architecture;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.Longs;
import java.util.List;

/**
 * One weight of a decoder, by the name that its architecture gives it in Hugging Face folders.
 *
 * @param name such as {@code model.layers.0.self_attn.q_proj.weight}
 * @param shape as it lies in the checkpoint, {@code [out,in]} for most matrices
 * @param aliases names under which some folders hold it instead
 */
public record TensorSpec(String name, List<Long> shape, List<String> aliases) {

  public TensorSpec {
    requireNonNull(name, "name is null");
    shape = List.copyOf(shape);
    aliases = List.copyOf(aliases);
  }

  static TensorSpec of(String name, long... shape) {
    return new TensorSpec(name, Longs.asList(shape), List.of());
  }

  /** Number of elements; sizes are bounded by {@link DecoderConfig}, so that the product fits. */
  public long elements() {
    long product = 1;
    for (long dim : shape) {
      product = Math.multiplyExact(product, dim);
    }
    return product;
  }
}
