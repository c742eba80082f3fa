package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.JsonFile;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rotary embeddings of a configuration, wherever the configs of the last years put them:
 * base and scaling at the root ({@code rope_theta}, {@code rope_scaling}; transformers 4), or both
 * in {@code rope_parameters}, which may be given by layer type (transformers 5). What the scaling
 * computes is in {@link RopeScaling}.
 */
final class RopeReader {
  private static final String NEW_STYLE = "rope_parameters";
  private static final String OLD_STYLE = "rope_scaling";
  private static final List<String> LAYER_TYPES = List.of(Windows.FULL, Windows.SLIDING);

  private final ConfigReader config;
  private final int maxPositions;
  private final int headSize;
  private final Map<String, String> olderNames = new HashMap<>();
  private double defaultTheta = 10_000;
  private double defaultPartial = 1;
  private boolean interleaved;
  private @Nullable JsonFile defaultScaling;

  /** A reader for heads of a size and a model made for a number of positions. */
  RopeReader(ConfigReader config, int maxPositions, int headSize) {
    this.config = config;
    this.maxPositions = maxPositions;
    this.headSize = headSize;
    DecoderConfig.requireHeadSize(headSize);
  }

  /** A second name under which an architecture has a field at the root. */
  RopeReader alsoNamed(String field, String second) {
    olderNames.put(field, second);
    return this;
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

  /** Scaling where the file does not say. */
  RopeReader defaultScaling(JsonFile scaling) {
    defaultScaling = scaling;
    return this;
  }

  RopeReader interleaved() {
    interleaved = true;
    return this;
  }

  /** The only rotary embedding of the model. */
  Rope read() {
    ConfigReader parameters = parameters();
    if (parameters == null) {
      return read(oldScaling());
    }
    Map<String, ConfigReader> byType = byType(parameters);
    if (byType.isEmpty()) {
      return read(parameters);
    }
    List<Rope> ropes = byType.values().stream().map(this::read).distinct().toList();
    if (ropes.size() > 1) {
      throw config.unsupported(NEW_STYLE, "that differs by layer type", "the same for all layers");
    }
    return ropes.get(0);
  }

  /** That of layers of one type; scaled where all layers are. */
  Rope readFor(String layerType) {
    ConfigReader own = ofType(layerType);
    return read(own == null ? forAll() : own);
  }

  /** The same, scaled only where the file says so for this type. */
  Rope readUnscaledFor(String layerType) {
    ConfigReader own = ofType(layerType);
    return own == null ? of(null, theta(forAll()), partial(forAll())) : read(own);
  }

  /**
   * The same where the type has a base of its own.
   *
   * @param field of the base at the root
   * @param otherwise the base where the file does not say
   */
  Rope readOwnFor(String layerType, String field, double otherwise) {
    ConfigReader own = ofType(layerType);
    if (own == null && config.has(NEW_STYLE)) {
      throw new ModelException(
          "%s: %s must hold an object %s, since layer types have rotary embeddings of their own"
              .formatted(config.place(), NEW_STYLE, layerType));
    }
    return of(own, rootOrInside(own, field, "rope_theta", otherwise), partial(own));
  }

  private @Nullable ConfigReader ofType(String layerType) {
    ConfigReader parameters = parameters();
    return parameters == null ? null : byType(parameters).get(layerType);
  }

  private @Nullable ConfigReader forAll() {
    ConfigReader parameters = parameters();
    return parameters == null ? oldScaling() : parameters;
  }

  private @Nullable ConfigReader parameters() {
    ConfigReader parameters = config.object(NEW_STYLE);
    if (parameters != null
        && config.has(OLD_STYLE)
        && !String.valueOf(config.raw(NEW_STYLE)).equals(String.valueOf(config.raw(OLD_STYLE)))) {
      throw new ModelException(
          "%s: %s and %s say different things; keep the one that is meant"
              .formatted(config.place(), NEW_STYLE, OLD_STYLE));
    }
    return parameters;
  }

  private @Nullable ConfigReader oldScaling() {
    if (config.absent(OLD_STYLE) && defaultScaling != null) {
      return new ConfigReader(defaultScaling);
    }
    return config.object(OLD_STYLE);
  }

  private static Map<String, ConfigReader> byType(ConfigReader parameters) {
    Map<String, ConfigReader> found = new LinkedHashMap<>();
    for (String type : LAYER_TYPES) {
      ConfigReader own = parameters.object(type);
      if (own != null) {
        found.put(type, own);
      }
    }
    if (!found.isEmpty()) {
      parameters.requireAllUnderstood();
    }
    return found;
  }

  /**
   * One of several.
   *
   * @param scaling the object that describes it, or null for a plain one
   */
  Rope read(@Nullable ConfigReader scaling) {
    return of(scaling, theta(scaling), partial(scaling));
  }

  private double theta(@Nullable ConfigReader scaling) {
    return rootOrInside(scaling, "rope_theta", "rope_theta", defaultTheta);
  }

  private double partial(@Nullable ConfigReader scaling) {
    String field = "partial_rotary_factor";
    return rootOrInside(scaling, field, field, defaultPartial);
  }

  /**
   * A number that stands at the root in files of transformers 4, which knows no other place, and
   * inside in those of 5, where that wins.
   */
  private double rootOrInside(
      @Nullable ConfigReader scaling, String usualField, String insideField, double otherwise) {
    String rootField = config.named(usualField, olderNames.getOrDefault(usualField, usualField));
    double root = config.number(rootField, otherwise);
    if (scaling == null || !scaling.has(insideField)) {
      return root;
    }
    double inside = scaling.number(insideField);
    if (inside == root || !config.has(rootField)) {
      return inside;
    }
    String version = config.text("transformers_version", "");
    boolean written4 = version.startsWith("4.");
    boolean newStyle = config.has(NEW_STYLE);
    if (written4 && !newStyle) {
      return root;
    }
    // No version 4 writes the new style, so that such a file was edited since.
    if (version.isEmpty() || written4) {
      throw new ModelException(
          "%s: %s is %s but %s in %s is %s; transformers 4 takes the first, 5 the second: keep the one that is meant"
              .formatted(
                  config.place(),
                  rootField,
                  root,
                  insideField,
                  newStyle ? NEW_STYLE : OLD_STYLE,
                  inside));
    }
    return inside;
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
    List<Double> plain = FixedRope.frequenciesOf(theta, turned);
    if (scaling == null) {
      return new FixedRope(plain, interleaved, 1);
    }
    Rope rope = new RopeScaling(config, scaling, theta, plain, maxPositions, interleaved).rope();
    scaling.requireAllUnderstood();
    return rope;
  }
}
