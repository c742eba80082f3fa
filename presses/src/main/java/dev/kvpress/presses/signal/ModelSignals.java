package dev.kvpress.presses.signal;

import com.google.common.collect.ImmutableList;
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
}
