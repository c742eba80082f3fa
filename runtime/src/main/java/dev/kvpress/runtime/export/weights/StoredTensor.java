package dev.kvpress.runtime.export.weights;

import com.google.common.base.Preconditions;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.util.List;

/**
 * A constant of a written graph that holds a weight or a part of it.
 *
 * @param name unique within the graph
 * @param type of its elements
 * @param dims its shape
 * @param region which of the form's pieces of data it shows; two constants may show the same one in
 *     different shapes
 */
public record StoredTensor(String name, DataType type, List<Long> dims, int region) {
  /** Takes a copy of the sizes. */
  public StoredTensor {
    dims = List.copyOf(dims);
    Preconditions.checkArgument(region >= 0, "region must not be negative, found %s", region);
  }
}
