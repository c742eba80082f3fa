package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rotary embedding of a configuration, wherever the configs of the last years put it:
 * {@code rope_theta} at the root, in {@code rope_scaling} or in {@code rope_parameters}; formulas
 * as in transformers' modeling_rope_utils.
 */
final class RopeReader {
  private final ConfigReader config;
  private final int maxPositions;
  private final int headSize;
  private double defaultTheta = 10_000;
  private double defaultPartial = 1;
  private boolean interleaved;

  /** A reader for heads of a size and a model made for a number of positions. */
  RopeReader(ConfigReader config, int maxPositions, int headSize) {
    this.config = config;
    this.maxPositions = maxPositions;
    this.headSize = headSize;
    DecoderConfig.requireHeadSize(headSize);
  }

  RopeReader defaultTheta(double theta) {
    defaultTheta = theta;
    return this;
  }

  /** Share of the channels that are turned where the file does not say. */
  RopeReader defaultPartial(double share) {
    defaultPartial = share;
    return this;
  }

  RopeReader interleaved() {
    interleaved = true;
    return this;
  }

  /** The only rotary embedding of the model. */
  Rope read() {
    ConfigReader nested = config.object("rope_parameters");
    ConfigReader scaling = config.object("rope_scaling");
    return read(nested == null ? scaling : nested);
  }

  /**
   * One of several.
   *
   * @param scaling the object that describes it, or null for a plain one
   */
  Rope read(@Nullable ConfigReader scaling) {
    double theta = config.number("rope_theta", defaultTheta);
    double partial = config.number("partial_rotary_factor", defaultPartial);
    if (scaling != null) {
      theta = scaling.number("rope_theta", theta);
      partial = scaling.number("partial_rotary_factor", partial);
    }
    return of(scaling, theta, partial);
  }

  /** One with base and share of turned channels known. */
  Rope of(@Nullable ConfigReader scaling, double theta, double partial) {
    if (!(theta > 1 && theta <= 1e12)) {
      throw new ModelException(
          "%s: rope theta must be in (1, 1e12], found %s".formatted(config.place(), theta));
    }
    int turned = (int) (headSize * partial);
    if (!(partial > 0 && partial <= 1) || turned < 2 || turned % 2 != 0) {
      throw new ModelException(
          "%s: the rotary embedding turns pairs of channels; partial_rotary_factor %s of head size %s leaves %s channels"
              .formatted(config.place(), partial, headSize, turned));
    }
    List<Double> plain = new ArrayList<>();
    for (int i = 0; i < turned / 2; i++) {
      plain.add(Math.pow(theta, -2.0 * i / turned));
    }
    if (scaling == null) {
      return new FixedRope(plain, interleaved, 1);
    }
    Rope rope = scaled(scaling, theta, plain);
    scaling.requireAllUnderstood();
    return rope;
  }

  private Rope scaled(ConfigReader scaling, double theta, List<Double> plain) {
    String legacy = scaling.text("type", "default");
    String type = scaling.text("rope_type", legacy).toLowerCase(Locale.ROOT);
    try {
      return switch (type) {
        case "default" -> new FixedRope(plain, interleaved, 1);
        case "linear" -> linear(scaling, plain);
        case "dynamic" ->
            new DynamicRope(
                theta,
                plain.size(),
                scaling.number("factor"),
                trainedPositions(scaling),
                interleaved);
        case "llama3" -> llama3(scaling, plain);
        case "yarn" -> yarn(scaling, theta, plain);
        case "longrope", "su" -> longRope(scaling, plain);
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

  /** transformers takes max_position_embeddings itself where dynamic scaling is asked for. */
  private int trainedPositions(ConfigReader scaling) {
    scaling.has("original_max_position_embeddings");
    return maxPositions;
  }

  private Rope linear(ConfigReader scaling, List<Double> plain) {
    double factor = factor(scaling);
    return fixed(plain.stream().map(f -> f / factor).toList());
  }

  private Rope fixed(List<Double> frequencies) {
    return new FixedRope(frequencies, interleaved, 1);
  }

  private static double factor(ConfigReader scaling) {
    double factor = scaling.number("factor");
    // Written so that NaN fails too.
    if (!(factor >= 1 && factor <= 1e6)) {
      throw new IllegalArgumentException("factor must be in [1, 1e6], found " + factor);
    }
    return factor;
  }

  /** Frequencies between the two bounds are mixed, counted in turns within the original context. */
  private Rope llama3(ConfigReader scaling, List<Double> plain) {
    double factor = factor(scaling);
    double low = scaling.number("low_freq_factor");
    double high = scaling.number("high_freq_factor");
    int original = scaling.integer("original_max_position_embeddings");
    if (!(low > 0 && low < high && high <= 1e6)) {
      throw new IllegalArgumentException(
          "low_freq_factor must be positive and below high_freq_factor, found "
              + low
              + " and "
              + high);
    }
    if (original < 1) {
      throw new IllegalArgumentException(
          "original_max_position_embeddings must be positive, found " + original);
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
    return fixed(mixed);
  }

  /** YaRN (arXiv 2309.00071): fast pairs stay, slow ones are stretched, a ramp between. */
  private Rope yarn(ConfigReader scaling, double theta, List<Double> plain) {
    // A factor below 1 is legal there; the original length then follows from it.
    int original = scaling.integer("original_max_position_embeddings", maxPositions);
    double factor = factor(scaling);
    double mscale = scaling.number("mscale", 0);
    double mscaleAllDim = scaling.number("mscale_all_dim", 0);
    double attention =
        mscale != 0 && mscaleAllDim != 0
            ? magnitude(factor, mscale) / magnitude(factor, mscaleAllDim)
            : magnitude(factor, 1);
    attention = scaling.number("attention_factor", attention);
    double fast = scaling.number("beta_fast", 32);
    double slow = scaling.number("beta_slow", 1);
    boolean truncate = scaling.flag("truncate", true);
    int pairs = plain.size();
    double low = correction(fast, theta, 2 * pairs, original);
    double high = correction(slow, theta, 2 * pairs, original);
    low = Math.max(truncate ? Math.floor(low) : low, 0);
    high = Math.min(truncate ? Math.ceil(high) : high, 2 * pairs - 1);
    double width = low == high ? 0.001 : high - low;
    List<Double> mixed = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      double stretched = Math.min(1, Math.max(0, (i - low) / width));
      double frequency = plain.get(i);
      mixed.add(frequency / factor * stretched + frequency * (1 - stretched));
    }
    return new FixedRope(mixed, interleaved, attention);
  }

  private static double magnitude(double factor, double mscale) {
    return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
  }

  /** The pair that turns a number of times within the original context. */
  private static double correction(double turns, double theta, int channels, int original) {
    return channels * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
  }

  private Rope longRope(ConfigReader scaling, List<Double> plain) {
    // Phi-3 writes the original length beside the scaling, others inside.
    int inside = scaling.integer("original_max_position_embeddings", maxPositions);
    int original = config.integer("original_max_position_embeddings", inside);
    double ratio = (double) maxPositions / original;
    double factor = scaling.number("factor", ratio);
    factor = config.has("original_max_position_embeddings") ? ratio : factor;
    double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    attention = scaling.number("attention_factor", attention);
    return new LongRope(
        divided(plain, scaling, "short_factor"),
        divided(plain, scaling, "long_factor"),
        original,
        interleaved,
        attention);
  }

  private static List<Double> divided(List<Double> plain, ConfigReader scaling, String field) {
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
