package dev.kvpress.runtime.cache;

import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileTensor;
import dev.kvpress.runtime.graph.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * Keys and values as numbers of their own: {@code keys} and {@code values}, each {@code [N, D]}
 * with the tokens of head after head and no padding between them. Where all heads are of one length
 * this is {@code [B, G, S, D]} and is used where it is mapped; others are laid side by side in
 * memory of the pool.
 */
final class FullForm implements SavedForm {
  static final String NAME = "full";
  static final String KEYS = "keys";
  static final String VALUES = "values";

  @Override
  public String name() {
    return NAME;
  }

  /** Name of an element type in the file. */
  static String type(ElementType type) {
    return switch (type) {
      case FLOAT32 -> "F32";
      case FLOAT16 -> "F16";
      case BFLOAT16 -> "BF16";
      default -> throw new IllegalArgumentException("keys and values cannot be " + type);
    };
  }

  @Override
  public LayerStore open(Place place, Map<String, FileTensor> tensors) {
    ByteBuffer keys = tensor(place, tensors, KEYS);
    ByteBuffer values = tensor(place, tensors, VALUES);
    if (tensors.size() != 2) {
      throw new ModelException(
          "expected the tensors %s and %s, found %s".formatted(KEYS, VALUES, tensors.keySet()));
    }
    LayerLedger ledger = place.ledger();
    return ledger.isEven() && ledger.maxLength() > 0
        ? HostLayerStore.mapped(place.pool(), place.layout(), keys, values, ledger.maxLength())
        : HostLayerStore.laid(place.pool(), place.layout(), keys, values, ledger);
  }

  private static ByteBuffer tensor(Place place, Map<String, FileTensor> tensors, String name) {
    FileTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new ModelException("tensor %s is missing".formatted(name));
    }
    HostLayerStore.Layout layout = place.layout();
    return tensor
        .require(type(layout.type()), place.ledger().totalLength(), (long) layout.headSize())
        .whole()
        .order(ByteOrder.nativeOrder());
  }
}
