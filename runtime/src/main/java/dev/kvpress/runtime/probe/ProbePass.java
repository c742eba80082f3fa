package dev.kvpress.runtime.probe;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.HalfFloats;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.Arrays;
import java.util.Map;

/**
 * One pass that has run.
 *
 * @param ports what the graph takes and gives
 * @param tokens Q
 * @param firstPosition position of the first of them
 * @param past the cache before
 * @param outputs what was asked for
 */
record ProbePass(
    DecoderInterface ports,
    int tokens,
    int firstPosition,
    ProbeCache past,
    Map<String, HostTensor> outputs) {

  HostTensor output(String name) {
    HostTensor output = outputs.get(name);
    if (output == null) {
      throw new ModelException("the graph gives no output " + name);
    }
    return output;
  }

  /** Logits of the last token, {@code [V]}. */
  float[] lastLogits() {
    float[] all = floats(output(ports.logits()));
    long[] shape = output(ports.logits()).shape();
    int vocabulary = Math.toIntExact(shape[shape.length - 1]);
    return Arrays.copyOfRange(all, all.length - vocabulary, all.length);
  }

  /** Keys and values of the first new tokens in all layers, one after another. */
  float[] newRows(int count) {
    int size = ports.headSize();
    int slots = past.slots() + tokens;
    int layers = ports.layers().size();
    float[] rows = new float[layers * 2 * ports.kvHeads() * count * size];
    int at = 0;
    for (LayerPorts layer : ports.layers()) {
      for (String name : new String[] {layer.presentKey(), layer.presentValue()}) {
        HostTensor tensor = output(name);
        long[] expected = {1, ports.kvHeads(), slots, size};
        if (!Arrays.equals(tensor.shape(), expected)) {
          throw new ModelException(
              "output %s has shape %s after %d tokens on a cache of %d, expected %s"
                  .formatted(
                      name,
                      Arrays.toString(tensor.shape()),
                      tokens,
                      past.slots(),
                      Arrays.toString(expected)));
        }
        float[] all = floats(tensor);
        for (int g = 0; g < ports.kvHeads(); g++) {
          int from = (g * slots + past.slots()) * size;
          System.arraycopy(all, from, rows, at, count * size);
          at += count * size;
        }
      }
    }
    return rows;
  }

  /** The numbers of a tensor. */
  static float[] floats(HostTensor tensor) {
    if (tensor.type() != ElementType.FLOAT32) {
      return HalfFloats.widen(tensor.data(), tensor.type(), tensor.data().capacity()).array();
    }
    float[] values = new float[tensor.data().capacity() / Float.BYTES];
    tensor.floats().get(0, values);
    return values;
  }
}
