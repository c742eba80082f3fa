package dev.kvpress.runtime.probe;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphPrecision;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Whether the values that a tap takes for attention are attention: of each layer one number for
 * each head, query and slot, none negative, nothing for later tokens, and 1 in sum or less where
 * something that is no token takes a share.
 */
public final class AttentionProbe {
  private static final int QUERIES = 3;

  private AttentionProbe() {}

  /**
   * What was found.
   *
   * @param queryHeads H
   * @param refusal why the signals cannot be used; empty where they can
   */
  public record Finding(OptionalInt queryHeads, Optional<String> refusal) {}

  /**
   * Passes two tokens and then three.
   *
   * @param session of a graph that emits the whole attention of each layer
   * @param behaviour how tokens pass
   * @param precision how closely the graph computes
   * @param sinks whether rows of a layer may sum to less than 1, by its index
   */
  public static Finding run(
      ProbeSession session, PassBehaviour behaviour, GraphPrecision precision, IntPredicate sinks) {
    DecoderInterface ports = session.ports();
    double tolerance = Agreement.of(precision).tolerance() / 10;
    try {
      int v = behaviour.vocabulary();
      ProbePass first = session.pass(ProbeCache.empty(ports), 0, v / 2);
      ProbePass second = session.pass(ProbeCache.after(first), 1, v / 3);
      int[] ids = {v / 4, v / 2, v - 1};
      int queries = behaviour.togetherLater() ? QUERIES : 1;
      Set<String> wanted = new HashSet<>();
      ports.layers().forEach(layer -> wanted.add(name(layer)));
      ProbePass pass =
          session.pass(wanted, ProbeCache.after(second), 2, Arrays.copyOf(ids, queries));
      OptionalInt heads = OptionalInt.empty();
      for (int l = 0; l < ports.layers().size(); l++) {
        LayerPorts layer = ports.layers().get(l);
        HostTensor attention = pass.output(name(layer));
        long[] shape = attention.shape();
        long[] expected = {
          1,
          heads.isPresent() ? heads.getAsInt() : shape.length > 1 ? shape[1] : -1,
          queries,
          2 + queries
        };
        if (!Arrays.equals(shape, expected) || shape[1] % ports.kvHeads() != 0) {
          return new Finding(
              heads,
              Optional.of(
                  "what follows the softmax of layer %d has shape %s for %d queries on %d slots, expected [1, query heads, %d, %d] with a multiple of %d heads"
                      .formatted(
                          layer.layer(),
                          Arrays.toString(shape),
                          queries,
                          2 + queries,
                          queries,
                          2 + queries,
                          ports.kvHeads())));
        }
        heads = OptionalInt.of(Math.toIntExact(shape[1]));
        Optional<String> fault =
            fault(ProbePass.floats(attention), queries, tolerance, sinks.test(l));
        if (fault.isPresent()) {
          return new Finding(
              heads,
              Optional.of(
                  "what was taken for the attention of layer %d is none: %s"
                      .formatted(layer.layer(), fault.get())));
        }
      }
      return new Finding(heads, Optional.empty());
    } catch (ModelException e) {
      return new Finding(
          OptionalInt.empty(), Optional.of("the tapped graph fails: " + e.getMessage()));
    }
  }

  private static String name(LayerPorts layer) {
    String name = layer.signals().attentions();
    if (name == null) {
      throw new IllegalArgumentException("layer %d emits no attention".formatted(layer.layer()));
    }
    return name;
  }

  private static Optional<String> fault(
      float[] attention, int queries, double tolerance, boolean sinks) {
    int slots = 2 + queries;
    for (int row = 0; row < attention.length / slots; row++) {
      int seen = slots - queries + row % queries + 1;
      double sum = 0;
      for (int slot = 0; slot < slots; slot++) {
        float value = attention[row * slots + slot];
        if (!(value >= -tolerance)) {
          return Optional.of("it holds %s".formatted(value));
        }
        if (slot >= seen && value > tolerance) {
          return Optional.of(
              "query %d gives %s to a token %d places behind it"
                  .formatted(row % queries, value, slot - seen + 1));
        }
        sum += value;
      }
      if (sum - 1 > 10 * tolerance || (!sinks && 1 - sum > 10 * tolerance)) {
        return Optional.of(
            "a row sums to %.4f, expected 1%s".formatted(sum, sinks ? " at most" : ""));
      }
    }
    return Optional.empty();
  }
}
