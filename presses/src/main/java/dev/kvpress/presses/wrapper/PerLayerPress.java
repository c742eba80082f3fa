package dev.kvpress.presses.wrapper;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ForwardingLayerPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.List;
import java.util.Set;

/**
 * Gives each layer its own compression ratio; a ratio of 1 empties the layer's cache.
 *
 * <p>Layers of different length work with any attention; kvpress {@code
 * per_layer_compression_press.py} needs flash attention for it.
 */
public final class PerLayerPress extends ForwardingLayerPress {
  private static final Parameter RATIOS =
      Parameter.numbers(
          "compression_ratios", 0, 1, "fraction removed from each layer, one for each");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("per_layer")
          .wraps("press")
          .with(RATIOS)
          .summary("Wraps a press: a compression ratio for each layer.")
          .source("kvpress per_layer_compression_press.py")
          .madeBy(
              arguments ->
                  new PerLayerPress(Refusals.ofPerLayer(arguments), arguments.numbers(RATIOS)));

  private final ImmutableList<Double> ratios;

  /**
   * Wraps a press.
   *
   * @param ratios fraction removed from each layer, in [0, 1]
   */
  public PerLayerPress(Press press, List<Double> ratios) {
    super(press);
    this.ratios = ImmutableList.copyOf(ratios);
    this.ratios.forEach(RATIOS::checked);
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    checkArgument(
        ratios.size() == layer.layers(),
        "per_layer has %s compression_ratios, the model has %s layers; give one for each",
        ratios.size(),
        layer.layers());
    double ratio = ratios.get(layer.layer());
    return ratio < 1
        ? press.compress(layer, Budget.ratio(ratio))
        : CacheEdit.keep(layer, (b, g) -> new int[0]);
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }

  @Override
  public CacheShape leaves() {
    return press.leaves().and(CacheShape.BY_LAYER);
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.OWN;
  }
}
