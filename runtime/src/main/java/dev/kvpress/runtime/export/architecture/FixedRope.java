package dev.kvpress.runtime.export.architecture;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Doubles;
import dev.kvpress.runtime.graph.GraphBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * A rotary embedding whose frequencies are the same for texts of any length.
 *
 * @param frequencies radians per position, one a pair
 * @param interleaved whether a pair is two neighbours
 * @param attentionScaling factor on cosine and sine
 */
public record FixedRope(List<Double> frequencies, boolean interleaved, double attentionScaling)
    implements Rope {

  /** Unscaled ones are at most 1. */
  private static final double MAX_FREQUENCY = 1e6;

  /** Takes a copy and checks that every frequency can be used. */
  public FixedRope {
    frequencies = List.copyOf(frequencies);
    checkArgument(!frequencies.isEmpty(), "a rotary embedding must turn at least one pair");
    requireUsable(frequencies);
    checkArgument(
        attentionScaling > 0 && Double.isFinite(attentionScaling),
        "the attention factor must be positive, found %s",
        attentionScaling);
  }

  /**
   * Frequencies of the plain scheme: pair i of d channels turns by θ^(−2i/d).
   *
   * @param turned d
   */
  static List<Double> frequenciesOf(double theta, int turned) {
    List<Double> frequencies = new ArrayList<>();
    for (int i = 0; i < turned / 2; i++) {
      frequencies.add(Math.pow(theta, -2.0 * i / turned));
    }
    return frequencies;
  }

  @Override
  public int pairs() {
    return frequencies.size();
  }

  @Override
  public double[] frequencies(int sequenceLength) {
    return Doubles.toArray(frequencies);
  }

  @Override
  public boolean dependsOnLength() {
    return false;
  }

  @Override
  public String write(GraphBuilder graph, String name) {
    return graph.floats(name, floats(frequencies));
  }

  /** Settings out of range end here, as none of the formulas gives a number for them. */
  static void requireUsable(List<Double> frequencies) {
    for (double frequency : frequencies) {
      checkArgument(
          frequency > 0 && frequency <= MAX_FREQUENCY,
          "the settings of the rotary embedding are out of range: they give frequency %s",
          frequency);
    }
  }

  static float[] floats(List<Double> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }
}
