package dev.kvpress.presses.rule;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Parts the heads of the whole model in two: those that retrieve keep all their tokens, those that
 * stream keep the first and the most recent ones. The {@code head_compression_ratio} of all KV
 * heads with the lowest scores stream; of equal scores those of the lower layer, then head.
 *
 * <p>Scores are read from a file, {@link #HEAD_SCORES} {@code [G]} for each layer, or taken from
 * the prompt itself with {@code on_the_fly_scoring}: what kvpress {@code duo_attention_press.py}
 * takes as the mean over 50 texts that it downloads is here of the one prompt, and each batch row
 * parts the heads for itself. Sizes are parameters, where kvpress finds those of a pattern in its
 * download. Streaming heads really get shorter, where kvpress masks, and a prompt no longer than
 * both sizes stays whole, where kvpress reports a negative ratio. {@code recent_size=0} leaves the
 * first tokens only, where kvpress's slice keeps everything.
 */
public final class DuoAttentionPress implements ModelPress {
  /** Name of the scores among the trained tensors. */
  public static final String HEAD_SCORES = "duo_head_scores";

  private static final Parameter RATIO =
      Parameter.number(
          "head_compression_ratio", 0, 0, 1, "fraction of the model's KV heads that stream");
  private static final Parameter SINKS =
      Parameter.integer("sink_size", 128, 0, "first tokens a streaming head keeps");
  private static final Parameter RECENT =
      Parameter.integer("recent_size", 256, 0, "recent tokens a streaming head keeps");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("duo_attention")
          .with(RATIO)
          .with(
              Parameter.flag(
                  "on_the_fly_scoring", false, "score heads on the prompt, not from a file"))
          .with(SINKS)
          .with(RECENT)
          .summary("Cuts the heads that do not retrieve to their first and last tokens.")
          .source("DuoAttention, arXiv 2410.10819; kvpress duo_attention_press.py")
          .madeBy(
              arguments ->
                  new DuoAttentionPress(
                      arguments.number(RATIO),
                      arguments.flag("on_the_fly_scoring"),
                      arguments.integer(SINKS),
                      arguments.integer(RECENT)));

  private final double ratio;
  private final boolean onTheFly;
  private final int sinks;
  private final int recent;

  /**
   * Takes the sizes.
   *
   * @param ratio fraction of the model's KV heads that stream, in [0, 1]
   * @param onTheFly whether heads are scored on the prompt
   * @param sinks first tokens that a streaming head keeps
   * @param recent most recent tokens that a streaming head keeps
   */
  public DuoAttentionPress(double ratio, boolean onTheFly, int sinks, int recent) {
    checkArgument(sinks + (long) recent > 0, "sink_size and recent_size leave no token at all");
    this.ratio = RATIO.checked(ratio);
    this.onTheFly = onTheFly;
    this.sinks = SINKS.checked(sinks);
    this.recent = RECENT.checked(recent);
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Budget budget) {
    List<LayerSignals> layers = model.layers();
    List<boolean[]> streaming = new ArrayList<>();
    int rows = layers.isEmpty() ? 0 : layers.get(0).batch();
    for (int b = 0; b < rows; b++) {
      streaming.add(streaming(layers, b));
    }
    List<CacheEdit> edits = new ArrayList<>();
    int firstHead = 0;
    for (LayerSignals layer : layers) {
      edits.add(cut(layer, streaming, firstHead));
      firstHead += layer.kvHeads();
    }
    return edits;
  }

  /** Which heads of the model stream, layer by layer. */
  private boolean[] streaming(List<LayerSignals> layers, int row) {
    int heads = layers.stream().mapToInt(LayerSignals::kvHeads).sum();
    boolean[] streaming = new boolean[heads];
    // Python's round, which kvpress takes, rounds halves to even.
    int count = (int) Math.rint(heads * ratio);
    if (count == 0) {
      return streaming;
    }
    double[] scores = new double[heads];
    int at = 0;
    for (LayerSignals layer : layers) {
      double[] own =
          onTheFly ? HeadScores.ofPrompt(layer, row) : HeadScores.given(layer, HEAD_SCORES);
      for (int g = 0; g < own.length; g++) {
        if (Double.isNaN(own[g])) {
          throw new IllegalArgumentException(
              "the score of layer %d, row %d, KV head %d is not a number; a key or query of some token holds NaN, or the file of the scores does"
                  .formatted(layer.layer(), row, g));
        }
        scores[at++] = own[g];
      }
    }
    IntStream.range(0, heads)
        .boxed()
        .sorted(Comparator.comparingDouble(head -> scores[head]))
        .limit(count)
        .forEach(head -> streaming[head] = true);
    return streaming;
  }

  private CacheEdit cut(LayerSignals layer, List<boolean[]> streaming, int firstHead) {
    return CacheEdit.keep(
        layer,
        (b, g) -> {
          int length = layer.length(b, g);
          boolean shortened = streaming.get(b)[firstHead + g] && length > sinks + (long) recent;
          int firstRecent = shortened ? length - recent : 0;
          return IntStream.range(0, length).filter(j -> j < sinks || j >= firstRecent).toArray();
        });
  }

  @Override
  public Set<Signal> needs() {
    return onTheFly
        ? Set.of(HeadScores.QUERIES, new Signal.Rotary())
        : Set.of(new Signal.Auxiliary(HEAD_SCORES));
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.OWN;
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.BY_HEAD;
  }
}
