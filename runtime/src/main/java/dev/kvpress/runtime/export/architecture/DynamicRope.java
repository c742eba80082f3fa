package dev.kvpress.runtime.export.architecture;

import static com.google.common.base.Preconditions.checkArgument;
import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import java.util.List;

/**
 * Dynamic NTK scaling: beyond the trained length n the base grows with the length s of the text to
 * θ · (f·s/n − (f − 1))^(d/(d−2)). A step is turned by the base for its end; what was cached before
 * stays as it was, as in transformers.
 *
 * @param theta θ
 * @param pairs d / 2
 * @param factor f
 * @param trainedPositions n
 * @param interleaved whether a pair is two neighbours
 */
public record DynamicRope(
    double theta, int pairs, double factor, int trainedPositions, boolean interleaved)
    implements Rope {

  /** Checks the ranges. */
  public DynamicRope {
    checkArgument(theta > 1, "rope theta must be above 1, found %s", theta);
    checkArgument(pairs >= 2, "dynamic scaling needs at least two pairs, found %s", pairs);
    checkArgument(factor >= 1 && factor <= 1e6, "factor must be in [1, 1e6], found %s", factor);
    checkArgument(
        trainedPositions >= 1, "the trained length must be positive, found %s", trainedPositions);
  }

  @Override
  public double attentionScaling() {
    return 1;
  }

  @Override
  public double[] frequencies(int sequenceLength) {
    double length = Math.max(sequenceLength, trainedPositions);
    double grown = factor * length / trainedPositions - (factor - 1);
    double base = theta * Math.pow(grown, exponent());
    double[] frequencies = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      frequencies[i] = Math.pow(base, -(double) i / pairs);
    }
    return frequencies;
  }

  private double exponent() {
    return 2.0 * pairs / (2.0 * pairs - 2);
  }

  @Override
  public boolean dependsOnLength() {
    return true;
  }

  /** (θ · grown^e)^(−i/pairs) as θ^(−i/pairs) · grown^(−e·i/pairs). */
  @Override
  public String write(GraphBuilder graph, String name) {
    float[] plain = new float[pairs];
    float[] exponents = new float[pairs];
    for (int i = 0; i < pairs; i++) {
      plain[i] = (float) Math.pow(theta, -(double) i / pairs);
      exponents[i] = (float) (-exponent() * i / pairs);
    }
    String length =
        graph.op("Max", name + ".length", OwnGraph.SEQUENCE_LENGTH, graph.longs(trainedPositions));
    String floats = graph.op("Cast", name + ".length_float", List.of(attribute("to", 1)), length);
    String column = graph.op("Unsqueeze", name + ".column", floats, graph.longs(1, 2, 3));
    String share =
        graph.op(
            "Mul", name + ".share", column, graph.floatScalar((float) (factor / trainedPositions)));
    String grown = graph.op("Sub", name + ".grown", share, graph.floatScalar((float) (factor - 1)));
    String stretched =
        graph.op("Pow", name + ".stretched", grown, graph.floats(name + ".exponents", exponents));
    return graph.op("Mul", name, stretched, graph.floats(name + ".plain", plain));
  }
}
