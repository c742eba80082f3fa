package dev.kvpress.presses.kernel;

/**
 * The exponential function of a float, several times as fast as that of a double: {@code 2^n p(r)}
 * with {@code x = n ln 2 + r}, {@code |r| <= ln 2 / 2} and a polynomial of degree 7 fitted to the
 * smallest relative error.
 *
 * <p>Within 1 ulp from {@link #LOWEST} to {@link #HIGHEST}. Below, where floats lose digits, it is
 * 0; above it is infinite (true from 88.73 on only); NaN stays NaN.
 */
public final class Exponential {
  /** The logarithm of the smallest normal float. */
  static final float LOWEST = -87.33654f;

  /** From here on {@code 2^n} is no float. */
  static final float HIGHEST = 88.37f;

  // 1 / ln 2.
  static final float PER_LN2 = 1.442695f;

  // Added and taken away again it rounds to a whole number, which its last bits then hold.
  static final float ROUNDING = 0x1.8p23f;

  // ln 2 in two parts, the first so short that its product with n is exact.
  static final float LN2_HIGH = 0.693359375f;

  static final float LN2_LOW = -0x1.bd0106p-13f;

  // Bits of a float's fraction, above which stands the exponent.
  static final int FRACTION_BITS = 23;

  // The bits of 1, whose exponent stands for 2^0.
  static final int ONE_BITS = 0x3f800000;

  // (exp(r) - 1 - r) / r^2, highest power first.
  static final float C7 = 0x1.9f0888p-13f;
  static final float C6 = 0x1.6d8d1ap-10f;
  static final float C5 = 0x1.11127p-7f;
  static final float C4 = 0x1.55548ep-5f;
  static final float C3 = 0x1.555554p-3f;
  static final float C2 = 0.5f;

  private Exponential() {}

  /** {@code e^x}. */
  public static float of(float x) {
    float shifted = x * PER_LN2 + ROUNDING;
    float n = shifted - ROUNDING;
    float r = (x - n * LN2_HIGH) - n * LN2_LOW;
    float p = ((((C7 * r + C6) * r + C5) * r + C4) * r + C3) * r + C2;
    float scale =
        Float.intBitsToFloat((Float.floatToRawIntBits(shifted) << FRACTION_BITS) + ONE_BITS);
    float power = (p * (r * r) + r + 1) * scale;
    if (x < LOWEST) {
      return 0;
    }
    return x > HIGHEST ? Float.POSITIVE_INFINITY : power;
  }
}
