package dev.kvpress.presses.scorer;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.EnumSet;
import java.util.Set;

/**
 * Scores a token by the attention that future queries are expected to pay it. Queries are taken as
 * Gaussian, with the moments of those seen so far and the rotation averaged over the next
 * positions: {@code softmax_j(k.mu'/sqrt(D) + k'Sigma'k/(2D))}, mean over the group, times the
 * length of the value. Sinks stay.
 *
 * <p>Works in the prefill only: it would need the queries of many steps.
 */
public final class ExpectedAttentionPress extends ScorerPress {
  /**
   * The choices.
   *
   * @param futurePositions positions ahead over which the rotation is averaged, at least 1
   * @param sinks first tokens that stay and whose queries do not count, not negative
   * @param useCovariance whether the quadratic term counts
   * @param useValueNorm whether the score is multiplied by the length of the value
   * @param epsilon added to the score before that, not negative
   */
  public record Parameters(
      int futurePositions, int sinks, boolean useCovariance, boolean useValueNorm, double epsilon) {
    /** Checks the ranges. */
    public Parameters {
      checkArgument(
          futurePositions >= 1, "n_future_positions must be at least 1, found %s", futurePositions);
      checkArgument(sinks >= 0, "n_sink must not be negative, found %s", sinks);
      checkArgument(epsilon >= 0, "epsilon must not be negative, found %s", epsilon);
    }
  }

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("expected_attention")
          .with(Parameter.integer("n_future_positions", 512, 1, "positions looked ahead"))
          .with(Parameter.integer("n_sink", 4, 0, "first tokens that stay"))
          .with(Parameter.flag("use_covariance", true, "use the covariance of the queries"))
          .with(Parameter.flag("use_vnorm", true, "multiply by the length of the value"))
          .with(Parameter.number("epsilon", 0, 0, Double.MAX_VALUE, "added before that"))
          .summary("Keeps the tokens that future queries are expected to attend to.")
          .source("Expected Attention, arXiv 2510.00636; kvpress expected_attention_press.py")
          .dmsThreshold(0.3)
          .madeBy(arguments -> new ExpectedAttentionPress(parameters(arguments)));

  private final Parameters parameters;

  /** Takes the choices. */
  public ExpectedAttentionPress(Parameters parameters) {
    this.parameters = parameters;
  }

  private static Parameters parameters(PressArguments arguments) {
    return new Parameters(
        arguments.integer("n_future_positions"),
        arguments.integer("n_sink"),
        arguments.flag("use_covariance"),
        arguments.flag("use_vnorm"),
        arguments.number("epsilon"));
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Scores scores = Scores.of(layer);
    int group = layer.groupSize();
    for (int b = 0; b < layer.batch(); b++) {
      for (int g = 0; g < layer.kvHeads(); g++) {
        int length = layer.length(b, g);
        int sinks = Math.min(parameters.sinks(), length);
        double[] mean = new double[length - sinks];
        for (int h = g * group; h < (g + 1) * group && mean.length > 0; h++) {
          double[] attention = expected(layer, b, g, h, sinks);
          for (int j = 0; j < mean.length; j++) {
            mean[j] += attention[j] / group;
          }
        }
        weigh(layer, b, g, sinks, mean);
        for (int j = 0; j < mean.length; j++) {
          scores.set(b, g, sinks + j, (float) mean[j]);
        }
        scores.protect(b, g, 0, sinks);
      }
    }
    return scores;
  }

  private double[] expected(LayerSignals layer, int row, int kvHead, int head, int sinks) {
    // A context with no more queries than sinks has only these to go by.
    int queries = layer.queriesPreRope().size(2);
    int from = Math.min(parameters.sinks(), queries - 1);
    QueryMoments moments =
        new QueryMoments(layer.queriesPreRope(), row, head, from, parameters.useCovariance());
    moments.rotate(layer.rotary(), layer.tokensSeen(row), parameters.futurePositions());
    int length = layer.length(row, kvHead);
    int size = layer.keys().size();
    int perBlock = Vectors.tokensPerBlock(size);
    float[] block = new float[perBlock * size];
    double[] logits = new double[length - sinks];
    for (int start = sinks; start < length; start += perBlock) {
      int end = Math.min(length, start + perBlock);
      layer.keys().read(row, kvHead, start, end, block);
      for (int j = start; j < end; j++) {
        logits[j - sinks] = moments.logit(block, (j - start) * size);
      }
    }
    return Softmax.of(logits);
  }

  private void weigh(LayerSignals layer, int row, int kvHead, int sinks, double[] scores) {
    if (!parameters.useValueNorm()) {
      return;
    }
    float[] value = new float[layer.values().size()];
    for (int j = 0; j < scores.length; j++) {
      layer.values().read(row, kvHead, sinks + j, value);
      double norm = Math.sqrt(Vectors.squaredNorm(value, 0, value.length));
      scores[j] = (scores[j] + parameters.epsilon()) * norm;
    }
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.Queries(Signal.ALL, false), new Signal.Rotary());
  }

  @Override
  public Set<Phase> phases() {
    return EnumSet.of(Phase.PREFILL);
  }
}
