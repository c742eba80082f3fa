package dev.kvpress.runtime.decode;

import com.google.common.primitives.Longs;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileTensor;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.StatePorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** State of a foreign graph that is no cache (convolutions): fed back as it comes. */
final class ExtraStates implements AutoCloseable {
  private final List<StatePorts> ports;
  private List<HostTensor> values;

  ExtraStates(DecoderInterface graph, int batch) {
    ports = graph.states();
    values = new ArrayList<>();
    for (StatePorts state : ports) {
      values.add(zeros(state, batch));
    }
  }

  private ExtraStates(List<StatePorts> ports, List<HostTensor> values) {
    this.ports = ports;
    this.values = values;
  }

  private static HostTensor zeros(StatePorts state, int batch) {
    long[] shape = new long[state.shape().size()];
    for (int i = 0; i < shape.length; i++) {
      long size = state.shape().get(i);
      if (size < 0 && i > 0) {
        throw new ModelException(
            "state %s has an open size on axis %d; only the batch may be open"
                .formatted(state.past(), i));
      }
      shape[i] = size < 0 ? batch : size;
    }
    return HostTensor.allocate(state.type(), shape);
  }

  /** One state, as it goes to a file. */
  record Named(int index, HostTensor tensor) {
    FileTensor asFileTensor() {
      List<Long> shape = Longs.asList(tensor.shape());
      String type = type(tensor.type());
      return new FileTensor(
          "states." + index, type, shape, List.of(tensor.data().duplicate().clear()));
    }
  }

  List<Named> named() {
    List<Named> named = new ArrayList<>();
    for (HostTensor value : values) {
      named.add(new Named(named.size(), value));
    }
    return named;
  }

  /**
   * Takes states out of a file.
   *
   * @throws ModelException if they are not as many, or not of the types and shapes of the graph
   */
  void restore(List<FileTensor> saved) {
    if (saved.size() != values.size()) {
      throw new ModelException(
          "expected %d states of the graph, found %d".formatted(values.size(), saved.size()));
    }
    List<HostTensor> restored = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      HostTensor like = values.get(i);
      Long[] shape = Longs.asList(like.shape()).toArray(new Long[0]);
      HostTensor tensor = HostTensor.allocate(like.type(), like.shape());
      tensor
          .data()
          .put(
              0,
              saved.get(i).require(type(like.type()), shape).whole(),
              0,
              tensor.data().capacity());
      restored.add(tensor);
    }
    values = restored;
  }

  private static String type(ElementType type) {
    return switch (type) {
      case FLOAT32 -> "F32";
      case FLOAT16 -> "F16";
      case BFLOAT16 -> "BF16";
      case INT64 -> "I64";
      case INT32 -> "I32";
      case BOOL -> "BOOL";
      case UINT8 -> "U8";
    };
  }

  /** States are never written after a pass, so forks share them. */
  ExtraStates fork() {
    return new ExtraStates(ports, values);
  }

  void addInputs(Map<String, HostTensor> inputs) {
    for (int i = 0; i < ports.size(); i++) {
      inputs.put(ports.get(i).past(), values.get(i));
    }
  }

  List<HostTensor> addOutputs(Map<String, HostTensor> outputs) {
    List<HostTensor> next = new ArrayList<>();
    for (int i = 0; i < ports.size(); i++) {
      HostTensor tensor = HostTensor.allocate(ports.get(i).type(), values.get(i).shape());
      outputs.put(ports.get(i).present(), tensor);
      next.add(tensor);
    }
    return next;
  }

  void advance(List<HostTensor> next) {
    values = next;
  }

  @Override
  public void close() {
    values = List.of();
  }
}
