package dev.kvpress.runtime.export.packed;

import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** How one method of quantization lays a matrix out in tensors, with the settings of a folder. */
public interface PackedLayout {

  /** The method with its bits and groups, for people. */
  String label();

  /** Last word of the tensor that holds a matrix's numbers, in place of {@code weight}. */
  String codes();

  /** Last words of the tensors beside it. */
  Set<String> companions();

  /** Those of them that need not be there. */
  Set<String> optional();

  /**
   * The matrix that tensors stand for.
   *
   * @param weight {@code [out,in]}
   * @param tensors by their last words; those that are not there are optional
   * @throws dev.kvpress.runtime.ModelException if a tensor has another type or shape, or a number
   *     without a meaning
   * @throws IOException if a file cannot be read
   */
  PackedMatrix open(TensorSpec weight, Map<String, Entry> tensors) throws IOException;
}
