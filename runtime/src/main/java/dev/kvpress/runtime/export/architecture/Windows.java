package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import java.util.List;

/** Reads which layers have a sliding window, as transformers 4 and 5 decide it. */
final class Windows {
  private static final String SLIDING = "sliding_attention";
  private static final String FULL = "full_attention";

  private Windows() {}

  /** {@code sliding_window}, 0 where it is absent or null. */
  static int size(ConfigReader config) {
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
}
