package dev.kvpress.presses;

import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.EnumSet;
import java.util.Set;

/** Keeps everything: what all other presses are compared with. */
public final class BaselinePress implements Press {
  static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("baseline")
          .alias("none")
          .alias("no_press")
          .alias("full")
          .summary("Keeps the whole cache; what the others are compared with.")
          .madeBy(arguments -> new BaselinePress());

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    return CacheEdit.none();
  }

  @Override
  public Set<Phase> phases() {
    return EnumSet.allOf(Phase.class);
  }

  @Override
  public boolean keepsAll() {
    return true;
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.WHOLE;
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.OWN;
  }
}
