package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import java.util.List;

/** Reads which layers have a sliding window, as transformers 4 and 5 decide it. */
final class Windows {
  static final String SLIDING = "sliding_attention";
  static final String FULL = "full_attention";

  private Windows() {}

  /**
   * {@code sliding_window}, 0 where it is null.
   *
   * @param otherwise what an absent field means to the configuration class, 0 for no window
   */
  static int size(ConfigReader config, int otherwise) {
    if (config.absent("sliding_window")) {
      return otherwise;
    }
    if (!config.has("sliding_window")) {
      return 0;
    }
    int window = config.integer("sliding_window");
    if (window < 1) {
      throw new ModelException(
          "%s: sliding_window must be at least 1, found %d".formatted(config.place(), window));
    }
    return window;
  }

  /**
   * Whether a layer slides, by {@code layer_types} where it is there.
   *
   * @param otherwise what holds where it is not
   */
  static boolean slides(ConfigReader config, int layer, int layers, boolean otherwise) {
    List<String> types = config.texts("layer_types");
    if (types.isEmpty()) {
      return otherwise;
    }
    if (types.size() != layers) {
      throw new ModelException(
          "%s: layer_types must name %d layers, found %d"
              .formatted(config.place(), layers, types.size()));
    }
    return switch (types.get(layer)) {
      case SLIDING -> true;
      case FULL -> false;
      default ->
          throw config.unsupported("layer_types", types.get(layer), SLIDING + " and " + FULL);
    };
  }

  /**
   * Window of a layer, 0 for none.
   *
   * @param window of those layers that slide
   * @param otherwise whether the layer slides where {@code layer_types} is absent
   * @throws ModelException if the layer slides and there is no window
   */
  static int ofLayer(ConfigReader config, int layer, int layers, int window, boolean otherwise) {
    if (!slides(config, layer, layers, otherwise)) {
      return 0;
    }
    if (window == 0) {
      throw new ModelException(
          "%s: layer %d slides but no sliding_window is in force".formatted(config.place(), layer));
    }
    return window;
  }

  /**
   * {@code sliding_window_pattern}: every so manieth layer does not slide, where the layers are not
   * listed.
   */
  static int pattern(ConfigReader config, int otherwise) {
    int pattern = Architecture.size(config, "sliding_window_pattern", otherwise);
    // Written beside the list by newer versions, which do not read it again.
    int repeated = Architecture.size(config, "_sliding_window_pattern", pattern);
    if (repeated != pattern && !config.has("layer_types")) {
      throw config.unsupported("_sliding_window_pattern", repeated, "layer_types");
    }
    return pattern;
  }
}
