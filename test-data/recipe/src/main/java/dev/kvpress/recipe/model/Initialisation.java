package dev.kvpress.recipe.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * First weights: small Gaussian noise, plus a sketch of the induction circuit.
 *
 * <p>A decoder this small needs tens of millions of tokens before induction heads appear by
 * themselves. Here layer 0 starts with heads that look one, two or three tokens back (constant
 * query and key biases whose rotary phases agree at that distance) and note what they saw in the
 * upper half of the residual stream; layers 1 and 2 start with heads whose keys read that note and
 * whose queries read the present token, in the rotary pairs that hardly turn. Training refines,
 * moves or drops all of it; without the sketch copying stays at chance for the whole budget (the
 * README has both curves). The idea follows "Mimetic Initialization of Self-Attention Layers"
 * (Trockman and Kolter, 2023); the circuit itself is that of "In-context Learning and Induction
 * Heads" (Olsson et al., 2022).
 */
final class Initialisation {
  private static final double EMBEDDING = 0.05;
  private static final double NOTE_EMBEDDING_SHARE = 0.3;
  private static final double NOISE = 0.04;
  private static final double SKETCH_NOISE_SHARE = 0.3;
  private static final double POSITION_BIAS = 4.0;
  private static final int POSITION_PAIRS = 6;
  private static final int FIRST_STILL_PAIR = 7;
  private static final double MATCH = 1.2;
  private static final int[] LOOK_BACK = {1, 2, 1, 2, 1, 3};

  private final Shape shape;
  private final Random random;
  private final int half;
  private final int note;

  Initialisation(Shape shape, long seed) {
    this.shape = shape;
    this.random = new Random(seed);
    this.half = shape.headSize() / 2;
    this.note = shape.hidden() / 2;
  }

  Map<String, float[]> weights() {
    Map<String, float[]> all = new LinkedHashMap<>();
    shape.parameters().forEach((name, size) -> all.put(name, first(name, size)));
    sketchLookBack(all);
    for (int layer = 1; layer < Math.min(3, shape.layers()); layer++) {
      sketchMatch(all, layer);
    }
    return all;
  }

  private float[] first(String name, long[] size) {
    int count = 1;
    for (long s : size) {
      count *= (int) s;
    }
    float[] w = new float[count];
    if (name.endsWith("orm")) {
      java.util.Arrays.fill(w, 1f);
    } else if (name.equals("embed")) {
      for (int i = 0; i < count; i++) {
        double share = i % shape.hidden() < note ? 1 : NOTE_EMBEDDING_SHARE;
        w[i] = (float) (random.nextGaussian() * EMBEDDING * share);
      }
    } else if (!name.endsWith("Bias")) {
      // What is written back to the residual stream shrinks with depth, as in GPT-2.
      boolean writes = name.endsWith("out") || name.endsWith("down");
      double scale = writes ? NOISE / Math.sqrt(2.0 * shape.layers()) : NOISE;
      for (int i = 0; i < count; i++) {
        w[i] = (float) (random.nextGaussian() * scale);
      }
    }
    return w;
  }

  private void sketchLookBack(Map<String, float[]> all) {
    int d = shape.headSize();
    int queries = shape.heads() * d;
    int keys = shape.kvHeads() * d;
    float[] qkv = weight(all, 0, "qkv");
    float[] bias = weight(all, 0, "qkvBias");
    float[] out = weight(all, 0, "out");
    shrink(qkv);
    shrink(out);
    for (int g = 0; g < shape.kvHeads(); g++) {
      for (int pair = 0; pair < POSITION_PAIRS; pair++) {
        bias[queries + g * d + pair] = (float) POSITION_BIAS;
      }
      for (int j = 0; j < d && g * d + j < note; j++) {
        qkv[(queries + keys + g * d + j) * shape.hidden() + g * d + j] = 1f;
      }
    }
    for (int h = 0; h < shape.heads(); h++) {
      int back = LOOK_BACK[h % LOOK_BACK.length];
      for (int pair = 0; pair < POSITION_PAIRS; pair++) {
        double phase = -shape.frequency(pair) * back;
        bias[h * d + pair] = (float) (POSITION_BIAS * Math.cos(phase));
        bias[h * d + half + pair] = (float) (POSITION_BIAS * Math.sin(phase));
      }
      int group = h / shape.groupSize();
      for (int j = 0; j < d; j++) {
        int column = h * d + j;
        if (back == 1) {
          int row = note + group * d + j;
          if (row < shape.hidden()) {
            out[row * queries + column] = (float) EMBEDDING;
          }
        } else {
          // Farther tokens are noted in random directions, so that they stay apart from the last.
          for (int row = note; row < shape.hidden(); row++) {
            out[row * queries + column] +=
                (float) (random.nextGaussian() * 0.6 * EMBEDDING / Math.sqrt(note));
          }
        }
      }
    }
  }

  private void sketchMatch(Map<String, float[]> all, int layer) {
    int d = shape.headSize();
    int queries = shape.heads() * d;
    int keys = shape.kvHeads() * d;
    int still = half - FIRST_STILL_PAIR;
    float[] qkv = weight(all, layer, "qkv");
    float[] out = weight(all, layer, "out");
    for (int i = 0; i < (queries + keys) * shape.hidden(); i++) {
      qkv[i] *= (float) SKETCH_NOISE_SHARE;
    }
    for (int h = 0; h < shape.heads(); h++) {
      int group = h / shape.groupSize();
      for (int j = 0; j < 2 * still; j++) {
        int channel = j < still ? FIRST_STILL_PAIR + j : half + FIRST_STILL_PAIR + j - still;
        // Layers 1 and 2 compare different slices of the embedding.
        int source = group * d + (j + (layer - 1) * (still + 5)) % d;
        if (note + source < shape.hidden()) {
          qkv[(h * d + channel) * shape.hidden() + source] += (float) MATCH;
          if (h % shape.groupSize() == 0) {
            qkv[(queries + group * d + channel) * shape.hidden() + note + source] += (float) MATCH;
          }
        }
      }
      for (int j = 0; j < d; j++) {
        out[(group * d + j) * queries + h * d + j] += 0.03f;
        if (h % shape.groupSize() == 0) {
          qkv[(queries + keys + group * d + j) * shape.hidden() + group * d + j] += 0.5f;
        }
      }
    }
  }

  private static void shrink(float[] w) {
    for (int i = 0; i < w.length; i++) {
      w[i] *= (float) SKETCH_NOISE_SHARE;
    }
  }

  private static float[] weight(Map<String, float[]> all, int layer, String name) {
    float[] w = all.get(Shape.name(layer, name));
    if (w == null) {
      throw new IllegalStateException("no parameter " + Shape.name(layer, name));
    }
    return w;
  }
}
