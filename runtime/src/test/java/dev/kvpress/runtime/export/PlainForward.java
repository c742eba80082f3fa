package dev.kvpress.runtime.export;

import dev.kvpress.runtime.export.architecture.DecoderConfig;

/** A second implementation of the decoder in plain loops and double precision. */
final class PlainForward {
  private final TinyCheckpoint weights;
  private static final double EPS = 1e-5;

  private final DecoderConfig c;
  private final int intermediate;

  PlainForward(TinyCheckpoint weights, DecoderConfig config) {
    this.weights = weights;
    this.c = config;
    intermediate = weights.values("model.layers.0.mlp.up_proj.weight").length / config.hidden();
  }

  /** Logits {@code [Q][V]} of tokens at positions 0, 1, … */
  double[][] logits(long[] ids) {
    int n = ids.length;
    double[][] x = new double[n][c.hidden()];
    float[] embedding = weights.values("model.embed_tokens.weight");
    for (int q = 0; q < n; q++) {
      for (int e = 0; e < c.hidden(); e++) {
        x[q][e] = embedding[(int) ids[q] * c.hidden() + e];
      }
    }
    for (int l = 0; l < c.layers(); l++) {
      String p = "model.layers." + l + ".";
      add(x, attention(p, norm(x, p + "input_layernorm.weight")));
      double[][] h = norm(x, p + "post_attention_layernorm.weight");
      double[][] gate = linear(h, p + "mlp.gate_proj", intermediate);
      double[][] up = linear(h, p + "mlp.up_proj", intermediate);
      for (int q = 0; q < n; q++) {
        for (int i = 0; i < intermediate; i++) {
          up[q][i] *= gate[q][i] / (1 + Math.exp(-gate[q][i]));
        }
      }
      add(x, linear(up, p + "mlp.down_proj", c.hidden()));
    }
    boolean tied = weights.values("lm_head.weight") == null;
    String output = tied ? "model.embed_tokens" : "lm_head";
    return linear(norm(x, "model.norm.weight"), output, c.vocab());
  }

  private double[][] attention(String p, double[][] h) {
    int d = c.headDim();
    double[][] queries = linear(h, p + "self_attn.q_proj", c.heads() * d);
    double[][] keys = linear(h, p + "self_attn.k_proj", c.kvHeads() * d);
    double[][] values = linear(h, p + "self_attn.v_proj", c.kvHeads() * d);
    turn(queries, p + "self_attn.q_norm.weight");
    turn(keys, p + "self_attn.k_norm.weight");
    double[][] context = new double[h.length][c.heads() * d];
    for (int head = 0; head < c.heads(); head++) {
      int kv = head / c.groupSize();
      for (int q = 0; q < h.length; q++) {
        double[] weight = new double[q + 1];
        double sum = 0;
        for (int k = 0; k <= q; k++) {
          double dot = 0;
          for (int i = 0; i < d; i++) {
            dot += queries[q][head * d + i] * keys[k][kv * d + i];
          }
          weight[k] = Math.exp(dot / Math.sqrt(d));
          sum += weight[k];
        }
        for (int k = 0; k <= q; k++) {
          for (int i = 0; i < d; i++) {
            context[q][head * d + i] += weight[k] / sum * values[k][kv * d + i];
          }
        }
      }
    }
    return linear(context, p + "self_attn.o_proj", c.hidden());
  }

  /** Norm per head where the model has one, then rotation. */
  private void turn(double[][] x, String norm) {
    int d = c.headDim();
    float[] gain = weights.values(norm);
    for (int q = 0; q < x.length; q++) {
      for (int start = 0; start < x[q].length; start += d) {
        if (gain != null) {
          double square = 0;
          for (int i = 0; i < d; i++) {
            square += x[q][start + i] * x[q][start + i];
          }
          for (int i = 0; i < d; i++) {
            x[q][start + i] *= gain[i] / Math.sqrt(square / d + EPS);
          }
        }
        for (int i = 0; i < d / 2; i++) {
          double angle = q * frequency(i);
          double low = x[q][start + i];
          double high = x[q][start + i + d / 2];
          x[q][start + i] = low * Math.cos(angle) - high * Math.sin(angle);
          x[q][start + i + d / 2] = high * Math.cos(angle) + low * Math.sin(angle);
        }
      }
    }
  }

  private double frequency(int i) {
    return c.rope(0).orElseThrow().frequencies(0)[i];
  }

  private double[][] norm(double[][] x, String name) {
    float[] gain = weights.values(name);
    double[][] out = new double[x.length][c.hidden()];
    for (int q = 0; q < x.length; q++) {
      double square = 0;
      for (double value : x[q]) {
        square += value * value;
      }
      for (int e = 0; e < c.hidden(); e++) {
        out[q][e] = x[q][e] / Math.sqrt(square / c.hidden() + EPS) * gain[e];
      }
    }
    return out;
  }

  private double[][] linear(double[][] x, String name, int width) {
    float[] weight = weights.values(name + ".weight");
    float[] bias = weights.values(name + ".bias");
    double[][] out = new double[x.length][width];
    for (int q = 0; q < x.length; q++) {
      for (int o = 0; o < width; o++) {
        out[q][o] = bias == null ? 0 : bias[o];
        for (int i = 0; i < x[q].length; i++) {
          out[q][o] += weight[o * x[q].length + i] * x[q][i];
        }
      }
    }
    return out;
  }

  private static void add(double[][] x, double[][] y) {
    for (int q = 0; q < x.length; q++) {
      for (int e = 0; e < x[q].length; e++) {
        x[q][e] += y[q][e];
      }
    }
  }
}
