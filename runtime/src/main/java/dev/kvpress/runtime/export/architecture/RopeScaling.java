package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Stretched rotary embeddings; formulas and defaults as in transformers' modeling_rope_utils. */
final class RopeScaling {
  private static final String ORIGINAL = "original_max_position_embeddings";

  private final ConfigReader config;
  private final ConfigReader scaling;
  private final double theta;
  private final List<Double> plain;
  private final int maxPositions;
  private final boolean interleaved;

  /**
   * One to be read.
   *
   * @param config the model's configuration
   * @param scaling the object that says how it is stretched
   * @param theta base
   * @param plain frequencies without any scaling
   */
  RopeScaling(
      ConfigReader config,
      ConfigReader scaling,
      double theta,
      List<Double> plain,
      int maxPositions,
      boolean interleaved) {
    this.config = config;
    this.scaling = scaling;
    this.theta = theta;
    this.plain = plain;
    this.maxPositions = maxPositions;
    this.interleaved = interleaved;
  }

  Rope rope() {
    String type = type();
    try {
      return switch (type) {
        case "default" -> fixed(plain, 1);
        case "linear" -> linear();
        case "dynamic" -> dynamic();
        case "llama3" -> llama3();
        case "yarn" -> yarn();
        case "longrope", "su" -> longRope();
        default ->
            throw new ModelException(
                scaling.place()
                    + ": rope type "
                    + type
                    + " is not supported; supported are default, linear, dynamic, yarn, llama3, longrope");
      };
    } catch (IllegalArgumentException e) {
      throw new ModelException(scaling.place() + ": " + e.getMessage(), e);
    }
  }

  private String type() {
    String old = scaling.text("type", scaling.text("rope_type", "default"));
    String type = scaling.text("rope_type", old);
    if (!type.equals(old)) {
      throw new ModelException(
          "%s: rope_type is %s but type is %s; keep the one that is meant"
              .formatted(scaling.place(), type, old));
    }
    return type.toLowerCase(Locale.ROOT);
  }

  private Rope fixed(List<Double> frequencies, double attention) {
    return new FixedRope(frequencies, interleaved, attention);
  }

  private Rope linear() {
    double factor = factor();
    return fixed(plain.stream().map(f -> f / factor).toList(), 1);
  }

  /** transformers takes max_position_embeddings itself for the trained length. */
  private Rope dynamic() {
    scaling.has(ORIGINAL);
    return new DynamicRope(theta, plain.size(), factor(), maxPositions, interleaved);
  }

  private double factor() {
    double factor = scaling.number("factor");
    // Written so that NaN fails too.
    if (!(factor >= 1 && factor <= 1e6)) {
      throw new IllegalArgumentException("factor must be in [1, 1e6], found " + factor);
    }
    return factor;
  }

  private int original(ConfigReader where, int otherwise) {
    int original = where.integer(ORIGINAL, otherwise);
    if (original < 1) {
      throw new IllegalArgumentException(ORIGINAL + " must be positive, found " + original);
    }
    return original;
  }

  /** Frequencies between the two bounds are mixed, counted in turns within the original context. */
  private Rope llama3() {
    double factor = factor();
    double low = scaling.number("low_freq_factor");
    double high = scaling.number("high_freq_factor");
    int original = isNewStyle() ? original(scaling, maxPositions) : scaling.integer(ORIGINAL);
    if (!(low > 0 && low < high && high <= 1e6)) {
      throw new IllegalArgumentException(
          "low_freq_factor must be positive and below high_freq_factor, found "
              + low
              + " and "
              + high);
    }
    if (original < 1) {
      throw new IllegalArgumentException(ORIGINAL + " must be positive, found " + original);
    }
    List<Double> mixed = new ArrayList<>();
    for (double frequency : plain) {
      double turns = original * frequency / (2 * Math.PI);
      if (turns > high) {
        mixed.add(frequency);
      } else if (turns < low) {
        mixed.add(frequency / factor);
      } else {
        double smooth = (turns - low) / (high - low);
        mixed.add((1 - smooth) * frequency / factor + smooth * frequency);
      }
    }
    return fixed(mixed, 1);
  }

  /** YaRN (arXiv 2309.00071): fast pairs stay, slow ones are stretched, a ramp between. */
  private Rope yarn() {
    int original = original(scaling, maxPositions);
    double factor = factor();
    double mscale = scaling.number("mscale", 0);
    double mscaleAllDim = scaling.number("mscale_all_dim", 0);
    double attention =
        mscale != 0 && mscaleAllDim != 0
            ? magnitude(factor, mscale) / magnitude(factor, mscaleAllDim)
            : magnitude(factor, 1);
    attention = scaling.number("attention_factor", attention);
    // Other code multiplies by it; transformers does not read it.
    scaling.require("attn_factor", 1);
    // Says that weights were trained with the scaling, which changes nothing here.
    scaling.ignore("finetuned");
    double fast = turns("beta_fast", 32);
    double slow = turns("beta_slow", 1);
    // A null is no truth there.
    boolean truncate = scaling.absent("truncate") || scaling.flag("truncate", false);
    int pairs = plain.size();
    double low = correction(fast, original);
    double high = correction(slow, original);
    low = Math.max(truncate ? Math.floor(low) : low, 0);
    high = Math.min(truncate ? Math.ceil(high) : high, 2 * pairs - 1);
    double width = low == high ? 0.001 : high - low;
    List<Double> mixed = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      double stretched = Math.min(1, Math.max(0, (i - low) / width));
      double frequency = plain.get(i);
      mixed.add(frequency / factor * stretched + frequency * (1 - stretched));
    }
    return fixed(mixed, attention);
  }

  private double turns(String field, double otherwise) {
    double turns = scaling.number(field, otherwise);
    if (!(turns >= 0 && turns <= 1e9)) {
      throw new IllegalArgumentException(field + " must be in [0, 1e9], found " + turns);
    }
    // Zero counts as absent there.
    return turns == 0 ? otherwise : turns;
  }

  private static double magnitude(double factor, double mscale) {
    return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
  }

  /** The pair that turns a number of times within the original context. */
  private double correction(double turns, int original) {
    int channels = 2 * plain.size();
    return channels * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
  }

  private Rope longRope() {
    int original = originalOfLongRope();
    double ratio = (double) maxPositions / original;
    double given = scaling.number("factor", ratio);
    // Phi-3 writes the original length at the root, and then the ratio counts in transformers 4.
    double factor = config.has(ORIGINAL) && !isNewStyle() ? ratio : given;
    double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    attention = scaling.number("attention_factor", attention);
    return new LongRope(
        divided("short_factor"), divided("long_factor"), original, interleaved, attention);
  }

  private int originalOfLongRope() {
    int inside = original(scaling, maxPositions);
    if (config.has(ORIGINAL)) {
      return original(config, inside);
    }
    if (inside != maxPositions && !isNewStyle()) {
      throw new IllegalArgumentException(
          "%s %d differs from max_position_embeddings %d; transformers 4 does not read it here, 5 does: write it at the root, or remove it"
              .formatted(ORIGINAL, inside, maxPositions));
    }
    return inside;
  }

  /** Whether the file is one of transformers 5. */
  private boolean isNewStyle() {
    return config.has("rope_parameters") || config.text("transformers_version", "").startsWith("5");
  }

  private List<Double> divided(String field) {
    List<Double> factors = scaling.numbers(field);
    if (factors.size() != plain.size()) {
      throw new IllegalArgumentException(
          "%s must have one number for each of %d channel pairs, found %d"
              .formatted(field, plain.size(), factors.size()));
    }
    List<Double> frequencies = new ArrayList<>();
    for (int i = 0; i < factors.size(); i++) {
      frequencies.add(plain.get(i) / factors.get(i));
    }
    return frequencies;
  }
}
