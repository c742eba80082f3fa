package dev.kvpress.presses;

import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides layer by layer what stays in the key-value cache.
 *
 * <p>A press is immutable and safe for use from several threads; what it must remember between
 * steps it hands over as {@link PressState}. Layers may be cut at the same time. It runs after the
 * attention of its layer, so the pass that fills the cache still sees all of it (kvpress {@code
 * base_press.py}).
 */
public interface Press extends ModelPress {

  /**
   * Cuts the cache of one layer.
   *
   * @param layer what is known of the layer's cached tokens; holds at least {@link #needs()}
   * @param budget how much may stay; presses of kind {@link BudgetKind#OWN} ignore it
   * @return the edit; {@link CacheEdit#none()} if nothing is to be done
   */
  CacheEdit compress(LayerSignals layer, Budget budget);

  /**
   * What the press must remember of a step at which it is not asked to cut, for cuts to come: a
   * wrapper that asks it only now and then asks for this at every other step. Empty if the cache
   * and its account of attention tell all the press needs.
   *
   * @param layer holds at least {@link #needs()}
   */
  default Optional<PressState> observe(LayerSignals layer) {
    return Optional.empty();
  }

  @Override
  default List<Optional<PressState>> observe(ModelSignals model) {
    List<LayerSignals> layers = model.layers();
    return model.workers().map(layers.size(), l -> observe(layers.get(l)));
  }

  @Override
  default List<CacheEdit> compress(ModelSignals model, Budget budget) {
    boolean mayCutAgain =
        phases().contains(Phase.DECODE) && (!budget.keepsAll() || budgetKind() == BudgetKind.OWN);
    List<LayerSignals> layers = model.layers();
    return model
        .workers()
        .map(
            layers.size(),
            l -> {
              CacheEdit edit = compress(layers.get(l), budget);
              // A wrapper that hands no state on may still have a press inside that needs one.
              return edit.state().isEmpty() && mayCutAgain
                  ? edit.remembering(observe(layers.get(l)))
                  : edit;
            });
  }

  @Override
  default Set<Signal> needs() {
    return Set.of();
  }
}
