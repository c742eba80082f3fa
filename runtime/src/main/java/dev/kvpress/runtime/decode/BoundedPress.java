package dev.kvpress.runtime.decode;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ForwardingPress;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Asks a press to cut where heads hold more than a bound, and to observe where they do not. */
final class BoundedPress extends ForwardingPress {
  private final ModelPress press;
  private final int bound;
  private final Budget target;

  BoundedPress(ModelPress press, int bound, Budget target) {
    super(press);
    this.press = press;
    this.bound = bound;
    this.target = target;
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Budget budget) {
    List<CacheEdit> edits = new ArrayList<>();
    if (isWithinBound(model)) {
      for (Optional<PressState> seen : press.observe(model)) {
        edits.add(CacheEdit.none().remembering(seen));
      }
      return edits;
    }
    List<CacheEdit> cuts = press.compress(model, target);
    List<Optional<PressState>> seen = press.observe(model);
    for (int l = 0; l < cuts.size(); l++) {
      CacheEdit cut = cuts.get(l);
      edits.add(cut.state().isPresent() ? cut : cut.remembering(seen.get(l)));
    }
    return edits;
  }

  private boolean isWithinBound(ModelSignals model) {
    long tokens = 0;
    long heads = 0;
    for (LayerSignals layer : model.layers()) {
      for (int b = 0; b < layer.batch(); b++) {
        for (int g = 0; g < layer.kvHeads(); g++) {
          tokens += layer.length(b, g);
          heads++;
        }
      }
    }
    return tokens <= bound * heads;
  }

  @Override
  public Set<Phase> phases() {
    return EnumSet.allOf(Phase.class);
  }

  @Override
  public boolean evictsWhileDecoding() {
    return true;
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.OWN;
  }
}
