package dev.kvpress.presses.wrapper;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ForwardingLayerPress;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Closes the gaps that a press leaves: keys of the kept tokens are turned on to the positions 0, 1,
 * 2, …, and the next token follows right after them.
 *
 * <p>Needs heads of equal length, as there is one next position only. A context of which nothing is
 * removed keeps its positions.
 */
public final class KeyRerotationPress extends ForwardingLayerPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("key_rerotation")
          .wraps("press")
          .summary("Wraps a press: moves the kept tokens together and rotates their keys to match.")
          .source("kvpress key_rerotation_press.py")
          .madeBy(arguments -> new KeyRerotationPress(Refusals.ofKeyRerotation(arguments)));

  /** Wraps a press. */
  public KeyRerotationPress(Press press) {
    super(press);
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    CacheEdit edit = press.compress(layer, budget);
    if (edit.kept().isEmpty()) {
      return edit;
    }
    KeptSlots kept = edit.kept().get();
    checkArgument(
        kept.isEven(),
        "key_rerotation needs heads of equal length, but the press inside leaves different ones in layer %s; use a press that keeps the same number everywhere",
        layer.layer());
    HeadVectors before = edit.keys().orElseGet(() -> layer.keys().keep(kept));
    HeadVectors moved = MovedKeys.together(layer, kept, before);
    return edit.withKeys(moved, OptionalInt.of(kept.maxCount()));
  }

  @Override
  public Set<Signal> needs() {
    return Signal.union(List.of(press.needs(), Set.of(new Signal.Rotary())));
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }

  @Override
  public boolean movesTokens() {
    return true;
  }

  @Override
  public ModelPress withoutMoving() {
    return press;
  }
}
