package dev.kvpress.presses.signal;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The rotary embedding of a layer: channel pair i turns by {@code position *
 * inverseFrequencies[i]}. A pair is (i, i + pairs), or two neighbours where interleaved; channels
 * behind the pairs stay as they are.
 */
public final class RotaryParameters {
  private final double[] inverseFrequencies;
  private final double attentionScaling;
  private final boolean interleaved;

  /**
   * Takes the frequencies of an embedding that pairs the first half of the turned channels with the
   * second.
   *
   * @param inverseFrequencies {@code [pairs]}, radians per position
   * @param attentionScaling factor on cosine and sine (1 unless a long-context scheme sets it)
   */
  public RotaryParameters(double[] inverseFrequencies, double attentionScaling) {
    this(inverseFrequencies, attentionScaling, false);
  }

  /**
   * Takes the frequencies.
   *
   * @param inverseFrequencies {@code [pairs]}, radians per position
   * @param attentionScaling factor on cosine and sine
   * @param interleaved whether a pair is two neighbours
   */
  public RotaryParameters(
      double[] inverseFrequencies, double attentionScaling, boolean interleaved) {
    checkArgument(
        attentionScaling > 0, "attentionScaling must be positive, found %s", attentionScaling);
    this.inverseFrequencies = inverseFrequencies.clone();
    this.attentionScaling = attentionScaling;
    this.interleaved = interleaved;
  }

  /** The plain scheme: {@code theta^(-2i/D)}. */
  public static RotaryParameters ofTheta(double theta, int headSize) {
    checkArgument(headSize % 2 == 0, "rotary needs an even head size, found %s", headSize);
    double[] inverse = new double[headSize / 2];
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] = Math.pow(theta, -2.0 * i / headSize);
    }
    return new RotaryParameters(inverse, 1);
  }

  /** That of a layer which turns nothing, among layers that do. */
  public static RotaryParameters none() {
    return new RotaryParameters(new double[0], 1);
  }

  /** Number of channel pairs. */
  public int pairs() {
    return inverseFrequencies.length;
  }

  /** First channel of a pair. */
  public int first(int pair) {
    return interleaved ? 2 * pair : pair;
  }

  /** Second channel of a pair. */
  public int second(int pair) {
    return interleaved ? 2 * pair + 1 : pair + inverseFrequencies.length;
  }

  /** Radians per position of one channel pair. */
  public double inverseFrequency(int pair) {
    return inverseFrequencies[pair];
  }

  /** Turns a vector on by a number of positions, in place and without the scaling factor. */
  public void turn(double[] vector, int positions) {
    turn(vector, positions, 1);
  }

  /** What the model makes of a vector at a position, in place. */
  public void rotate(double[] vector, int position) {
    turn(vector, position, attentionScaling);
  }

  /** Takes back what the model has made of a vector at a position, in place. */
  public void unrotate(double[] vector, int position) {
    turn(vector, -position, 1 / attentionScaling);
  }

  private void turn(double[] vector, int positions, double factor) {
    for (int i = 0; i < inverseFrequencies.length; i++) {
      double cos = factor * Math.cos(positions * inverseFrequencies[i]);
      double sin = factor * Math.sin(positions * inverseFrequencies[i]);
      double x = vector[first(i)];
      double y = vector[second(i)];
      vector[first(i)] = x * cos - y * sin;
      vector[second(i)] = y * cos + x * sin;
    }
  }

  /** Factor on cosine and sine. */
  public double attentionScaling() {
    return attentionScaling;
  }
}
