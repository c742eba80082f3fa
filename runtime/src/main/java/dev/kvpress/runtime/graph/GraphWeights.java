package dev.kvpress.runtime.graph;

import static java.util.Comparator.comparing;
import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a graph stores its weights: as it says itself, if it is one of our own, else by its constants
 * and the operators that read them.
 *
 * @param label in words, the largest share first: {@code int8}, {@code int4 (MatMulNBits) and f16}
 * @param format of the largest share without its operator: {@code int4}; {@code none} in a graph
 *     without weights
 * @param quantized whether numbers of that share are few bits with scales
 * @param bytes of all weights, each counted once
 */
public record GraphWeights(String label, String format, boolean quantized, long bytes) {
  private static final String WIDE = "f32";
  private static final Set<String> QUANTIZED = Set.of("int8", "int4");

  /** A share of fewer numbers is norms, biases and the like, and goes unnamed. */
  private static final double SMALLEST_SHARE = 0.05;

  /** Checks what is there. */
  public GraphWeights {
    requireNonNull(label, "label is null");
    requireNonNull(format, "format is null");
  }

  /** Looks at a graph. */
  public static GraphWeights of(DecoderGraph graph) {
    long bytes = bytes(graph.model());
    if (graph.metadata().containsKey(OwnGraph.KEY_FORMAT)) {
      String own = graph.metadata().getOrDefault(OwnGraph.KEY_WEIGHTS, WIDE);
      return new GraphWeights(own, own, QUANTIZED.contains(own), bytes);
    }
    return of(StoredNumbers.of(graph.model().getGraph()), bytes);
  }

  static GraphWeights of(Map<String, Long> numbers, long bytes) {
    long all = numbers.values().stream().mapToLong(Long::longValue).sum();
    if (all == 0) {
      return new GraphWeights("none", "none", false, bytes);
    }
    List<String> kinds =
        numbers.entrySet().stream()
            .filter(entry -> entry.getValue() >= SMALLEST_SHARE * all)
            .sorted(comparing(Map.Entry<String, Long>::getValue, Comparator.reverseOrder()))
            .map(Map.Entry::getKey)
            .toList();
    String largest = kinds.get(0);
    int operator = largest.indexOf(" (");
    return new GraphWeights(
        kinds.stream().collect(Collectors.joining(" and ")),
        operator < 0 ? largest : largest.substring(0, operator),
        operator >= 0,
        bytes);
  }

  /** Constants that show the same piece of a file count once. */
  private static long bytes(ModelProto model) {
    Set<String> seen = new HashSet<>();
    long bytes = 0;
    for (TensorProto tensor : Tensors.of(model)) {
      if (!ExternalData.isExternal(tensor) || seen.add(ExternalData.place(tensor))) {
        bytes += Math.max(0, Tensors.bytes(tensor));
      }
    }
    return bytes;
  }
}
