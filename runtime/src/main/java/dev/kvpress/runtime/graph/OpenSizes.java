package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.TensorShapeProto;
import dev.kvpress.runtime.onnx.TypeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.List;
import java.util.function.BinaryOperator;

/** The sizes that the declared shape of a value leaves open, and their names. */
final class OpenSizes {
  private OpenSizes() {}

  /** Axis by axis; empty for a number and where an axis has no name. */
  static List<String> names(ValueInfoProto info) {
    return info.getType().getTensorType().getShape().getDimList().stream()
        .map(TensorShapeProto.Dimension::getDimParam)
        .toList();
  }

  /**
   * The same value with other names.
   *
   * @param renamed gives by value and name another name, an empty one for none
   */
  static ValueInfoProto renamed(ValueInfoProto info, BinaryOperator<String> renamed) {
    if (!info.getType().getTensorType().hasShape()) {
      return info;
    }
    ValueInfoProto.Builder changed = info.toBuilder();
    TypeProto.Tensor.Builder tensor = changed.getTypeBuilder().getTensorTypeBuilder();
    for (TensorShapeProto.Dimension.Builder dim : tensor.getShapeBuilder().getDimBuilderList()) {
      if (dim.hasDimParam()) {
        String name = renamed.apply(info.getName(), dim.getDimParam());
        if (name.isEmpty()) {
          dim.clearDimParam();
        } else {
          dim.setDimParam(name);
        }
      }
    }
    return changed.build();
  }
}
