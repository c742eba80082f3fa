package dev.kvpress.recipe.model;

import java.util.Map;
import java.util.TreeMap;

/**
 * The shape of the decoder, in the letters of the project: E hidden size, H query heads, G KV
 * heads, D head size, V vocabulary.
 *
 * @param vocabulary V, pieces of the tokenizer, special tokens included
 * @param hidden E
 * @param layers decoder layers
 * @param heads H
 * @param kvHeads G; divides H
 * @param headSize D; even, because rotary embedding turns pairs
 * @param feedForward width of the gated feed-forward block
 * @param positions longest sequence the model is declared for
 * @param ropeTheta base of the rotary frequencies
 */
public record Shape(
    int vocabulary,
    int hidden,
    int layers,
    int heads,
    int kvHeads,
    int headSize,
    int feedForward,
    int positions,
    double ropeTheta) {

  /** Epsilon of every RMS norm. */
  public static final double NORM_EPSILON = 1e-5;

  public Shape {
    if (vocabulary < 1 || hidden < 1 || layers < 1 || feedForward < 1 || positions < 1) {
      throw new IllegalArgumentException("sizes must be positive");
    }
    if (kvHeads < 1 || heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "heads must be a multiple of kvHeads, found " + heads + " and " + kvHeads);
    }
    if (headSize < 2 || headSize % 2 != 0) {
      throw new IllegalArgumentException("headSize must be even, found " + headSize);
    }
    if (ropeTheta <= 1) {
      throw new IllegalArgumentException("ropeTheta must be above 1, found " + ropeTheta);
    }
  }

  /** The demo model: 2 million parameters, 4 MB in half precision. */
  public static Shape demo(int vocabulary) {
    // A base of ten million leaves nine of the sixteen pairs almost unturned over 3,072 positions,
    // so that heads which match content work at distances they were hardly trained on.
    return new Shape(vocabulary, 192, 4, 6, 3, 32, 512, 4096, 1e7);
  }

  /** Query heads that share one KV head. */
  public int groupSize() {
    return heads / kvHeads;
  }

  /** Rotary frequency of pair {@code pair}, in radians a position. */
  public double frequency(int pair) {
    return Math.pow(ropeTheta, -2.0 * pair / headSize);
  }

  /** Dimensions of every parameter by its internal name, in a fixed order. */
  public Map<String, long[]> parameters() {
    Map<String, long[]> all = new TreeMap<>();
    all.put("embed", new long[] {vocabulary, hidden});
    all.put("norm", new long[] {hidden});
    for (int l = 0; l < layers; l++) {
      all.put(name(l, "qkv"), new long[] {(heads + 2L * kvHeads) * headSize, hidden});
      all.put(name(l, "qkvBias"), new long[] {(heads + 2L * kvHeads) * headSize});
      all.put(name(l, "out"), new long[] {hidden, (long) heads * headSize});
      all.put(name(l, "outBias"), new long[] {hidden});
      all.put(name(l, "gateUp"), new long[] {2L * feedForward, hidden});
      all.put(name(l, "down"), new long[] {hidden, feedForward});
      all.put(name(l, "attentionNorm"), new long[] {hidden});
      all.put(name(l, "feedForwardNorm"), new long[] {hidden});
    }
    return all;
  }

  /** Internal name of a parameter of layer {@code layer}. */
  public static String name(int layer, String parameter) {
    return "layer" + layer + "." + parameter;
  }
}
