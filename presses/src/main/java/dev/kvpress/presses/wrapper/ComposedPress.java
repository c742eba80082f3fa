package dev.kvpress.presses.wrapper;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Presses one after another; each sees what the one before has left, attention included, so that an
 * attention scorer may come first (kvpress {@code composed_press.py} allows only scorers of keys
 * and values after the first).
 *
 * <p>Of a budget each of the k presses without one of its own takes the k-th root: together they
 * keep about what the budget grants. Any press may be inside, those included that cut heads
 * differently, which kvpress refuses. Works in the prefill.
 */
public final class ComposedPress implements ModelPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("composed")
          .wraps("presses")
          .summary("Wraps presses: applies them one after another.")
          .source("kvpress composed_press.py")
          .madeBy(arguments -> new ComposedPress(SequenceRefusals.ofComposed(arguments)));

  private final ImmutableList<ModelPress> presses;

  /** Takes the presses, at least one, in order. */
  public ComposedPress(List<? extends ModelPress> presses) {
    checkArgument(!presses.isEmpty(), "composed needs at least one press");
    this.presses = ImmutableList.copyOf(presses);
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Budget budget) {
    List<LayerSignals> layers = new ArrayList<>(model.layers());
    List<CacheEdit> edits = new ArrayList<>();
    layers.forEach(layer -> edits.add(CacheEdit.none()));
    int stages = (int) presses.stream().filter(ComposedPress::followsBudget).count();
    int stage = 0;
    for (ModelPress press : presses) {
      Budget own = budget;
      if (followsBudget(press)) {
        own = share(model, budget, ++stage, stages);
      }
      List<CacheEdit> next = press.compress(new ModelSignals(layers), own);
      for (int l = 0; l < layers.size(); l++) {
        edits.set(l, edits.get(l).then(next.get(l)));
        layers.set(l, layers.get(l).after(next.get(l)));
      }
    }
    // States of later presses go by the slots that the earlier ones left, and nobody asks for them.
    edits.replaceAll(edit -> edit.onlyRemembering(Optional.empty()));
    return edits;
  }

  private static boolean followsBudget(ModelPress press) {
    return press.budgetKind() != BudgetKind.OWN;
  }

  private static Budget share(ModelSignals model, Budget budget, int stage, int stages) {
    if (stages == 1 || budget.keepsAll()) {
      return budget;
    }
    if (budget.compressionRatio().isPresent()) {
      double kept = 1 - budget.compressionRatio().getAsDouble();
      return Budget.ratio(1 - Math.pow(kept, 1.0 / stages));
    }
    int tokens = model.layers().stream().mapToInt(LayerSignals::maxLength).max().orElse(0);
    if (tokens == 0 || stage == stages) {
      return budget;
    }
    int target = budget.keptOf(tokens);
    double share = Math.pow((double) target / tokens, (double) stage / stages);
    return Budget.tokens(Math.max(target, (int) (tokens * share)));
  }

  @Override
  public Set<Signal> needs() {
    return Signal.union(presses.stream().map(ModelPress::needs).toList());
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }

  @Override
  public CacheShape leaves() {
    return presses.stream().map(ModelPress::leaves).reduce(CacheShape.WHOLE, CacheShape::and);
  }

  @Override
  public CacheShape accepts() {
    return presses.get(0).accepts();
  }

  @Override
  public boolean movesTokens() {
    return presses.stream().anyMatch(ModelPress::movesTokens);
  }

  @Override
  public ModelPress withoutMoving() {
    return movesTokens()
        ? new ComposedPress(presses.stream().map(ModelPress::withoutMoving).toList())
        : this;
  }

  @Override
  public boolean replacesValues() {
    return presses.stream().anyMatch(ModelPress::replacesValues);
  }

  /** That of the press inside that has one; of several the last one's. */
  @Override
  public Optional<CacheFormat> cacheFormat() {
    return presses.stream()
        .flatMap(press -> press.cacheFormat().stream())
        .reduce((first, last) -> last);
  }

  @Override
  public BudgetKind budgetKind() {
    return presses.stream().anyMatch(ComposedPress::followsBudget)
        ? BudgetKind.GRANULAR
        : BudgetKind.OWN;
  }
}
