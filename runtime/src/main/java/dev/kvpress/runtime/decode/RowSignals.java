package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The signals of one row of a pass, as they would be had it passed alone. */
final class RowSignals {
  private final Map<String, HostTensor> all;
  private final int row;
  private final int columns;
  private final PassMemory memory;

  /**
   * Takes them out of those of all rows.
   *
   * @param columns T of the row, its past and new tokens
   * @param memory for what outlives the pass or cannot be a view
   */
  RowSignals(Map<String, HostTensor> all, int row, int columns, PassMemory memory) {
    this.all = all;
    this.row = row;
    this.columns = columns;
    this.memory = memory;
  }

  /**
   * The signals of some outputs, by name.
   *
   * @param firstColumn where the columns of the row begin, given T of the longest row
   */
  Map<String, HostTensor> of(SignalPorts ports, IntUnaryOperator firstColumn) {
    Map<String, HostTensor> own = new HashMap<>();
    // Sums and maxima are taken up at once; everything else may be kept.
    addColumns(own, ports.attentionSums(), firstColumn);
    addColumns(own, ports.attentionMaxima(), firstColumn);
    addByColumn(own, ports.attentionRows(), firstColumn);
    addByColumn(own, ports.attentions(), firstColumn);
    add(own, ports.queries());
    add(own, ports.queriesPreRope());
    add(own, ports.hiddenStates());
    return own;
  }

  private void addColumns(
      Map<String, HostTensor> own, @Nullable String name, IntUnaryOperator firstColumn) {
    if (name != null) {
      HostTensor columns = slice(name);
      own.put(name, isOfRow(columns) ? columns : cut(columns, firstColumn));
    }
  }

  private void add(Map<String, HostTensor> own, @Nullable String name) {
    if (name != null) {
      HostTensor slice = slice(name);
      HostTensor copy = memory.tensor(ElementType.FLOAT32, slice.shape());
      copy.data().put(0, slice.data(), 0, slice.data().capacity());
      own.put(name, copy);
    }
  }

  private void addByColumn(
      Map<String, HostTensor> own, @Nullable String name, IntUnaryOperator firstColumn) {
    if (name != null) {
      own.put(name, cut(slice(name), firstColumn));
    }
  }

  private boolean isOfRow(HostTensor tensor) {
    return tensor.shape()[tensor.shape().length - 1] == columns;
  }

  private HostTensor slice(String name) {
    HostTensor tensor = requireNonNull(all.get(name), name);
    long[] shape = tensor.shape().clone();
    int bytes = tensor.data().capacity() / (int) shape[0];
    shape[0] = 1;
    ByteBuffer part = tensor.data().slice(row * bytes, bytes).order(ByteOrder.nativeOrder());
    return new HostTensor(tensor.type(), part, shape);
  }

  private HostTensor cut(HostTensor whole, IntUnaryOperator firstColumn) {
    long[] shape = whole.shape().clone();
    int total = (int) shape[shape.length - 1];
    int first = isOfRow(whole) ? 0 : firstColumn.applyAsInt(total);
    shape[shape.length - 1] = columns;
    HostTensor cut = memory.tensor(ElementType.FLOAT32, shape);
    int lines = whole.data().capacity() / Float.BYTES / total;
    for (int line = 0; line < lines; line++) {
      cut.data()
          .put(
              line * columns * Float.BYTES,
              whole.data(),
              (line * total + first) * Float.BYTES,
              columns * Float.BYTES);
    }
    return cut;
  }
}
