package dev.kvpress.runtime.saved;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileTensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Tensors of a file that are taken out one by one, so that none is left over in the end. */
final class TensorSet {
  private final TreeMap<String, FileTensor> left;

  TensorSet(Map<String, FileTensor> all) {
    left = new TreeMap<>(all);
  }

  /** Takes those whose names are a prefix and a name without dots. */
  List<FileTensor> take(String prefix) {
    List<FileTensor> taken = new ArrayList<>();
    Iterator<FileTensor> behind = left.tailMap(prefix, true).values().iterator();
    while (behind.hasNext()) {
      FileTensor tensor = behind.next();
      if (!tensor.name().startsWith(prefix)) {
        break;
      }
      if (tensor.name().indexOf('.', prefix.length()) < 0) {
        taken.add(tensor);
        behind.remove();
      }
    }
    return taken;
  }

  /** Refuses tensors that nobody has taken. */
  void requireNoneLeft() {
    if (!left.isEmpty()) {
      throw new ModelException("unknown tensor " + left.firstKey());
    }
  }

  ModelException wrongType(FileTensor tensor, String expected) {
    return new ModelException(
        "tensor %s: dtype must be %s, found %s".formatted(tensor.name(), expected, tensor.type()));
  }
}
