package dev.kvpress.runtime.export.weights;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.Longs;
import java.util.ArrayList;
import java.util.List;

/**
 * One weight of a decoder, by the name that its architecture gives it in Hugging Face folders.
 *
 * @param name such as {@code model.layers.0.self_attn.q_proj.weight}
 * @param shape as it lies in the checkpoint, {@code [out,in]} for most matrices
 * @param aliases names under which some folders hold it instead
 * @param parts names of the tensors that lie one after another along the first axis, where the
 *     checkpoint holds it in pieces; empty where it is one tensor
 */
public record TensorSpec(String name, List<Long> shape, List<String> aliases, List<String> parts) {

  /** Takes copies and checks that the parts fill the shape. */
  public TensorSpec {
    requireNonNull(name, "name is null");
    shape = List.copyOf(shape);
    aliases = List.copyOf(aliases);
    parts = List.copyOf(parts);
    if (!parts.isEmpty() && shape.get(0) != parts.size()) {
      throw new IllegalArgumentException(
          "%s of shape %s cannot consist of %d parts".formatted(name, shape, parts.size()));
    }
  }

  /** A weight of one name, in one piece. */
  public static TensorSpec of(String name, long... shape) {
    return new TensorSpec(name, Longs.asList(shape), List.of(), List.of());
  }

  /**
   * A weight that checkpoints hold in pieces.
   *
   * @param shape of one piece
   */
  public static TensorSpec stacked(String name, List<String> parts, long... shape) {
    List<Long> all = new ArrayList<>(List.of((long) parts.size()));
    all.addAll(Longs.asList(shape));
    return new TensorSpec(name, all, List.of(), parts);
  }

  /** The tensors that a checkpoint holds for it, in their order. */
  public List<TensorSpec> stored() {
    if (parts.isEmpty()) {
      return List.of(this);
    }
    List<Long> piece = shape.subList(1, shape.size());
    return parts.stream().map(part -> new TensorSpec(part, piece, List.of(), List.of())).toList();
  }

  /** Number of elements; sizes are bounded by the configuration, so that the product fits. */
  public long elements() {
    long product = 1;
    for (long dim : shape) {
      product = Math.multiplyExact(product, dim);
    }
    return product;
  }
}
