package dev.kvpress.runtime.saved;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.SavedState;
import dev.kvpress.runtime.file.FileTensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A context in parts, between memory and file.
 *
 * @param tokens ids of the tokens that have passed; may be empty
 * @param layers one for each layer with a cache
 * @param states of a graph that has more than a cache, in the order of the graph
 */
public record ContextParts(
    ImmutableIntArray tokens, List<LayerParts> layers, List<FileTensor> states) {
  /** Takes copies. */
  public ContextParts {
    layers = List.copyOf(layers);
    states = List.copyOf(states);
  }

  /**
   * One layer.
   *
   * @param form name of the {@code SavedForm} of its tensors
   * @param tensors keys and values by names without dots
   * @param ledger the account of its tokens
   * @param state what a press remembers
   */
  public record LayerParts(
      String form,
      Map<String, FileTensor> tensors,
      SavedState ledger,
      Optional<SavedState> state) {}
}
