package dev.kvpress.presses.signal;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.kernel.Workers;
import java.util.List;
import java.util.Optional;

/**
 * The signals of all layers of a model at one moment.
 *
 * @param layers one entry for each layer that has a cache, in order
 * @param givenReader reads the context again, for presses that say they need it
 */
public record ModelSignals(List<LayerSignals> layers, Optional<Reader> givenReader) {
  /** Takes a copy of the list. */
  public ModelSignals {
    layers = ImmutableList.copyOf(layers);
  }

  /** Signals of which nothing is read again. */
  public ModelSignals(List<LayerSignals> layers) {
    this(layers, Optional.empty());
  }

  /** The same with somebody who reads the context again. */
  public ModelSignals with(Reader reader) {
    return new ModelSignals(layers, Optional.of(reader));
  }

  /**
   * Reads the context again.
   *
   * @throws IllegalStateException if the press has not said that it needs this
   */
  public Reader reader() {
    return givenReader.orElseThrow(
        () ->
            new IllegalStateException(
                "nobody reads the context again; the press must say so in readsAgain(), and whoever asks it must give a reader"));
  }

  /** Threads among which a press may share the work on the layers. */
  public Workers workers() {
    return layers.isEmpty() ? Workers.CALLER : layers.get(0).workers();
  }
}
