package dev.kvpress.presses.signal;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.kernel.Workers;
import java.util.List;

/**
 * The signals of all layers of a model at one moment.
 *
 * @param layers one entry for each layer that has a cache, in order
 */
public record ModelSignals(List<LayerSignals> layers) {
  /** Takes a copy of the list. */
  public ModelSignals {
    layers = ImmutableList.copyOf(layers);
  }

  /** Threads among which a press may share the work on the layers. */
  public Workers workers() {
    return layers.isEmpty() ? Workers.CALLER : layers.get(0).workers();
  }
}
