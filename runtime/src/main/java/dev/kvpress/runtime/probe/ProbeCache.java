package dev.kvpress.runtime.probe;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.StatePorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * A cache of one row that need not have come about by passing tokens.
 *
 * @param slots P
 * @param positions {@code [P]}, where the tokens of the slots stand
 * @param tensors past keys and values of all layers and further state, by the names of inputs
 */
record ProbeCache(int slots, long[] positions, Map<String, HostTensor> tensors) {

  /** No tokens at all. */
  static ProbeCache empty(DecoderInterface ports) {
    Map<String, HostTensor> tensors = states(ports);
    for (LayerPorts layer : ports.layers()) {
      for (String name : new String[] {layer.pastKey(), layer.pastValue()}) {
        tensors.put(name, allocate(ports, 0));
      }
    }
    return new ProbeCache(0, new long[0], tensors);
  }

  private static Map<String, HostTensor> states(DecoderInterface ports) {
    Map<String, HostTensor> states = new HashMap<>();
    for (StatePorts state : ports.states()) {
      long[] shape = state.shape().stream().mapToLong(size -> size < 0 ? 1 : size).toArray();
      states.put(state.past(), HostTensor.allocate(state.type(), shape));
    }
    return states;
  }

  private static HostTensor allocate(DecoderInterface ports, int slots) {
    return HostTensor.allocate(ports.cacheType(), 1, ports.kvHeads(), slots, ports.headSize());
  }

  /** What a pass has left behind. */
  static ProbeCache after(ProbePass pass) {
    Map<String, HostTensor> tensors = new HashMap<>();
    for (LayerPorts layer : pass.ports().layers()) {
      tensors.put(layer.pastKey(), pass.output(layer.presentKey()));
      tensors.put(layer.pastValue(), pass.output(layer.presentValue()));
    }
    for (StatePorts state : pass.ports().states()) {
      tensors.put(state.past(), pass.output(state.present()));
    }
    long[] fresh =
        LongStream.range(pass.firstPosition(), pass.firstPosition() + pass.tokens()).toArray();
    long[] before = pass.past().positions();
    long[] positions = Arrays.copyOf(before, before.length + fresh.length);
    System.arraycopy(fresh, 0, positions, before.length, fresh.length);
    return new ProbeCache(positions.length, positions, tensors);
  }

  /**
   * The only token of a pass without a past, in many slots at once, at positions from 0 on. To a
   * query of the same token all its values are the same, so that it does not matter how much it
   * attends to which.
   */
  static ProbeCache copies(ProbePass single, int slots) {
    DecoderInterface ports = single.ports();
    Map<String, HostTensor> tensors = states(ports);
    for (LayerPorts layer : ports.layers()) {
      tensors.put(layer.pastKey(), repeated(ports, single.output(layer.presentKey()), slots));
      tensors.put(layer.pastValue(), repeated(ports, single.output(layer.presentValue()), slots));
    }
    return new ProbeCache(slots, LongStream.range(0, slots).toArray(), tensors);
  }

  private static HostTensor repeated(DecoderInterface ports, HostTensor row, int slots) {
    HostTensor all = allocate(ports, slots);
    int bytes = ports.headSize() * ports.cacheType().bytes();
    for (int g = 0; g < ports.kvHeads(); g++) {
      for (int s = 0; s < slots; s++) {
        all.data().put((g * slots + s) * bytes, row.data(), g * bytes, bytes);
      }
    }
    return all;
  }

  /**
   * Makes the values of one slot so large that a query which attends evenly to all sees whether it
   * is there. Multiplies by a power of two, which changes the exponent alone.
   */
  void raiseValues(DecoderInterface ports, int slot) {
    int power = Math.min(12, 32 - Integer.numberOfLeadingZeros(slots));
    for (LayerPorts layer : ports.layers()) {
      HostTensor values = tensor(layer.pastValue());
      for (int g = 0; g < ports.kvHeads(); g++) {
        for (int d = 0; d < ports.headSize(); d++) {
          raise(values, (g * slots + slot) * ports.headSize() + d, power);
        }
      }
    }
  }

  private static void raise(HostTensor values, int index, int power) {
    if (values.type() == ElementType.FLOAT32) {
      float value = values.data().getFloat(4 * index);
      values.data().putFloat(4 * index, Math.scalb(value, power));
      return;
    }
    int fractionBits = values.type() == ElementType.FLOAT16 ? 10 : 7;
    int largest = values.type() == ElementType.FLOAT16 ? 30 : 254;
    int bits = values.data().getShort(2 * index) & 0xffff;
    int exponent = (bits & 0x7fff) >> fractionBits;
    if (exponent > 0) {
      int raised = Math.min(exponent + power, largest) - exponent;
      values.data().putShort(2 * index, (short) (bits + (raised << fractionBits)));
    }
  }

  /** Lets two slots change places, tokens and positions. */
  void swap(DecoderInterface ports, int a, int b) {
    int bytes = ports.headSize() * ports.cacheType().bytes();
    byte[] first = new byte[bytes];
    byte[] second = new byte[bytes];
    for (LayerPorts layer : ports.layers()) {
      for (String name : new String[] {layer.pastKey(), layer.pastValue()}) {
        HostTensor tensor = tensor(name);
        for (int g = 0; g < ports.kvHeads(); g++) {
          int atA = (g * slots + a) * bytes;
          int atB = (g * slots + b) * bytes;
          tensor.data().get(atA, first).get(atB, second);
          tensor.data().put(atA, second).put(atB, first);
        }
      }
    }
    long position = positions[a];
    positions[a] = positions[b];
    positions[b] = position;
  }

  private HostTensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }
}
