package dev.kvpress.presses.signal;

/**
 * The rotation at many positions, without a sine for each: the turn by a position is that by its
 * multiple of {@value #STEP} and then that by the rest, two tables of which only the first grows
 * with the text. Agrees with {@link RotaryParameters} to a few units in the last place of a double.
 * Safe for many threads.
 */
public final class TurnTable {
  private static final int STEP = 64;
  private static final TurnTable NONE = new TurnTable(RotaryParameters.none(), 0);

  private final RotaryParameters rotary;
  // [position / STEP][pair] and [position % STEP][pair].
  private final double[][] coarseCos;
  private final double[][] coarseSin;
  private final double[][] fineCos;
  private final double[][] fineSin;

  private TurnTable(RotaryParameters rotary, int positions) {
    this.rotary = rotary;
    int coarse = (positions + STEP - 1) / STEP;
    coarseCos = new double[coarse][rotary.pairs()];
    coarseSin = new double[coarse][rotary.pairs()];
    fill(coarseCos, coarseSin, STEP);
    fineCos = new double[STEP][rotary.pairs()];
    fineSin = new double[STEP][rotary.pairs()];
    fill(fineCos, fineSin, 1);
  }

  private void fill(double[][] cos, double[][] sin, int step) {
    for (int i = 0; i < cos.length; i++) {
      for (int pair = 0; pair < rotary.pairs(); pair++) {
        double angle = (double) i * step * rotary.inverseFrequency(pair);
        cos[i][pair] = Math.cos(angle);
        sin[i][pair] = Math.sin(angle);
      }
    }
  }

  /** That of the positions {@code 0..positions}. */
  public static TurnTable upTo(RotaryParameters rotary, int positions) {
    return new TurnTable(rotary, positions);
  }

  /** One that turns nothing, at no position. */
  public static TurnTable none() {
    return NONE;
  }

  /** Takes back what the model has made of a vector at a position, in place. */
  public void unrotate(double[] vector, int position) {
    turn(vector, position, -1, 1 / rotary.attentionScaling());
  }

  /** What the model makes of a vector at a position, in place. */
  public void rotate(double[] vector, int position) {
    turn(vector, position, 1, rotary.attentionScaling());
  }

  private void turn(double[] vector, int position, int direction, double factor) {
    double[] bigCos = coarseCos[position / STEP];
    double[] bigSin = coarseSin[position / STEP];
    double[] smallCos = fineCos[position % STEP];
    double[] smallSin = fineSin[position % STEP];
    for (int pair = 0; pair < bigCos.length; pair++) {
      double cos = factor * (bigCos[pair] * smallCos[pair] - bigSin[pair] * smallSin[pair]);
      double sin =
          direction * factor * (bigSin[pair] * smallCos[pair] + bigCos[pair] * smallSin[pair]);
      double x = vector[rotary.first(pair)];
      double y = vector[rotary.second(pair)];
      vector[rotary.first(pair)] = x * cos - y * sin;
      vector[rotary.second(pair)] = y * cos + x * sin;
    }
  }
}
