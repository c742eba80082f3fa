package dev.kvpress.runtime.export.architecture;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Doubles;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import java.util.List;

/**
 * LongRoPE (arXiv 2402.13753): two sets of frequencies, one for texts within the original training
 * length and one for longer ones. A step is turned by the set for its end; what was cached before
 * stays as it was, as in transformers.
 *
 * @param shortFrequencies radians per position up to {@code originalPositions}
 * @param longFrequencies radians per position beyond
 * @param originalPositions the longest text that takes the short ones
 * @param interleaved whether a pair is two neighbours
 * @param attentionScaling factor on cosine and sine, the same for both
 */
public record LongRope(
    List<Double> shortFrequencies,
    List<Double> longFrequencies,
    int originalPositions,
    boolean interleaved,
    double attentionScaling)
    implements Rope {

  /** Takes copies and checks that both sets are alike. */
  public LongRope {
    shortFrequencies = List.copyOf(shortFrequencies);
    longFrequencies = List.copyOf(longFrequencies);
    checkArgument(
        shortFrequencies.size() == longFrequencies.size() && !shortFrequencies.isEmpty(),
        "expected as many long as short factors, found %s and %s",
        longFrequencies.size(),
        shortFrequencies.size());
    FixedRope.requireUsable(shortFrequencies);
    FixedRope.requireUsable(longFrequencies);
    checkArgument(
        originalPositions >= 1,
        "original_max_position_embeddings must be positive, found %s",
        originalPositions);
    checkArgument(
        attentionScaling > 0 && Double.isFinite(attentionScaling),
        "the attention factor must be positive, found %s",
        attentionScaling);
  }

  @Override
  public int pairs() {
    return shortFrequencies.size();
  }

  @Override
  public double[] frequencies(int sequenceLength) {
    return Doubles.toArray(sequenceLength > originalPositions ? longFrequencies : shortFrequencies);
  }

  @Override
  public boolean dependsOnLength() {
    return true;
  }

  @Override
  public String write(GraphBuilder graph, String name) {
    String within = graph.floats(name + ".short", FixedRope.floats(shortFrequencies));
    String beyond = graph.floats(name + ".long", FixedRope.floats(longFrequencies));
    String isLong =
        graph.op(
            "Greater", name + ".is_long", OwnGraph.SEQUENCE_LENGTH, graph.longs(originalPositions));
    String column = graph.op("Unsqueeze", name + ".is_long_column", isLong, graph.longs(1, 2, 3));
    return graph.op("Where", name, List.of(), column, beyond, within);
  }
}
