package dev.kvpress.runtime.probe;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.StatePorts;
import dev.kvpress.runtime.ort.HostTensor;
import dev.kvpress.runtime.ort.StepSession;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToLongFunction;

/** Runs a graph on made-up caches, one row at a time. */
public final class ProbeSession {
  private final DecoderInterface ports;
  private final StepSession session;

  /**
   * Takes a loaded graph, which stays the caller's.
   *
   * @param ports what the graph takes and gives
   */
  public ProbeSession(DecoderInterface ports, StepSession session) {
    this.ports = ports;
    this.session = session;
  }

  DecoderInterface ports() {
    return ports;
  }

  /** Passes tokens and keeps logits and cache. */
  ProbePass pass(ProbeCache past, int firstPosition, int... ids) {
    Set<String> wanted = new HashSet<>();
    wanted.add(ports.logits());
    for (LayerPorts layer : ports.layers()) {
      wanted.add(layer.presentKey());
      wanted.add(layer.presentValue());
    }
    for (StatePorts state : ports.states()) {
      wanted.add(state.present());
    }
    return pass(wanted, past, firstPosition, ids);
  }

  /** Passes tokens and keeps nothing but some outputs. */
  ProbePass pass(Set<String> wanted, ProbeCache past, int firstPosition, int... ids) {
    Map<String, HostTensor> inputs = new HashMap<>(past.tensors());
    inputs.put(ports.inputIds(), integers(ports.inputIdsType(), ids.length, i -> ids[i]));
    if (ports.positionIds() != null) {
      inputs.put(
          ports.positionIds(),
          integers(ports.positionIdsType(), ids.length, i -> firstPosition + (long) i));
    }
    if (ports.attentionMask() != null) {
      inputs.put(
          ports.attentionMask(),
          integers(ports.attentionMaskType(), past.slots() + ids.length, i -> 1));
    }
    if (ports.sequenceLength() != null) {
      HostTensor length = HostTensor.allocate(ElementType.INT64, 1);
      length.data().putLong(0, firstPosition + (long) ids.length);
      inputs.put(ports.sequenceLength(), length);
    }
    for (LayerPorts layer : ports.layers()) {
      addLayer(inputs, layer, past);
    }
    return new ProbePass(ports, ids.length, firstPosition, past, session.read(inputs, wanted));
  }

  private void addLayer(Map<String, HostTensor> inputs, LayerPorts layer, ProbeCache past) {
    if (layer.cacheLength() != null) {
      throw new IllegalStateException("graphs with cache_length are our own and need no probe");
    }
    if (layer.cacheBias() != null) {
      inputs.put(
          layer.cacheBias(),
          HostTensor.allocate(ElementType.FLOAT32, 1, ports.kvHeads(), 1, past.slots()));
    }
    if (layer.cachePositions() != null) {
      HostTensor positions = HostTensor.allocate(ElementType.INT64, 1, 1, past.slots());
      positions.data().asLongBuffer().put(past.positions());
      inputs.put(layer.cachePositions(), positions);
    }
  }

  private static HostTensor integers(ElementType type, int columns, IntToLongFunction cell) {
    HostTensor tensor = HostTensor.allocate(type, 1, columns);
    for (int i = 0; i < columns; i++) {
      if (type == ElementType.INT32) {
        tensor.data().putInt(4 * i, (int) cell.applyAsLong(i));
      } else {
        tensor.data().putLong(8 * i, cell.applyAsLong(i));
      }
    }
    return tensor;
  }
}
