package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * Scores a token by its key against a direction learned for the head: {@code -(filter . K_j)}. The
 * filters {@code [G, D]} of each layer come from a file, as {@link #FILTERS}; kvpress {@code
 * qfilter_press.py} downloads them.
 */
public final class QFilterPress extends ScorerPress {
  /** Name of the filters among the trained tensors. */
  public static final String FILTERS = "q_filters";

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("qfilter")
          .summary("Keeps the tokens whose keys point against a learned direction.")
          .source("Q-Filters, arXiv 2503.02812; kvpress qfilter_press.py")
          .madeBy(arguments -> new QFilterPress());

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    HeadVectors keys = layer.keys();
    int size = keys.size();
    FloatTensor filters = layer.auxiliary(FILTERS, layer.kvHeads(), size);
    int perBlock = Vectors.tokensPerBlock(size);
    float[] block = new float[perBlock * size];
    float[] filter = new float[size];
    return Scores.of(
        layer,
        (scores, b, g) -> {
          filters.read(g * size, filter, size);
          int length = layer.length(b, g);
          for (int from = 0; from < length; from += perBlock) {
            int to = Math.min(length, from + perBlock);
            keys.read(b, g, from, to, block);
            for (int j = from; j < to; j++) {
              scores.set(b, g, j, -Vectors.dot(block, (j - from) * size, filter, 0, size));
            }
          }
        });
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.Auxiliary(FILTERS));
  }

  @Override
  public ScoreTiming scoreTiming() {
    return ScoreTiming.ARRIVAL;
  }
}
