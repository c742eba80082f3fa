package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One press for the prefill, which follows the budget of the run, and one for decoding. */
public final class PrefillDecodingPress implements ModelPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("prefill_decoding")
          .wraps("prefilling_press", "decoding_press")
          .summary("Wraps two presses: the first for the prefill, the second for decoding.")
          .source("kvpress prefill_decoding_press.py")
          .madeBy(
              arguments -> {
                SequenceRefusals.ofPrefillDecoding(arguments);
                return new PrefillDecodingPress(
                    arguments.presses().get(0).press(), arguments.presses().get(1).press());
              });

  private final ModelPress prefill;
  private final ModelPress decoding;

  /**
   * Takes the presses.
   *
   * @param prefill asked after the prefill only
   * @param decoding asked at decoding steps only
   */
  public PrefillDecodingPress(ModelPress prefill, ModelPress decoding) {
    this.prefill = prefill;
    this.decoding = decoding;
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Budget budget) {
    boolean first = !model.layers().isEmpty() && model.layers().get(0).phase() == Phase.PREFILL;
    if (!first) {
      return decoding.compress(model, budget);
    }
    List<Optional<PressState>> states = decoding.observe(model);
    List<CacheEdit> edits = new ArrayList<>(prefill.compress(model, budget));
    for (int l = 0; l < edits.size(); l++) {
      edits.set(l, edits.get(l).onlyRemembering(states.get(l)));
    }
    return edits;
  }

  @Override
  public Set<Signal> needs() {
    return Signal.union(List.of(prefill.needs(), decoding.needs()));
  }

  @Override
  public boolean readsAgain() {
    return prefill.readsAgain();
  }

  @Override
  public Set<Signal> needsOfReading() {
    return prefill.needsOfReading();
  }

  @Override
  public Set<Phase> phases() {
    return EnumSet.allOf(Phase.class);
  }

  @Override
  public boolean evictsWhileDecoding() {
    return decoding.evictsWhileDecoding();
  }

  @Override
  public CacheShape leaves() {
    return prefill.leaves().and(decoding.leaves());
  }

  @Override
  public CacheShape accepts() {
    return prefill.accepts();
  }

  @Override
  public boolean movesTokens() {
    return prefill.movesTokens();
  }

  @Override
  public ModelPress withoutMoving() {
    return movesTokens() ? new PrefillDecodingPress(prefill.withoutMoving(), decoding) : this;
  }

  @Override
  public boolean replacesValues() {
    return prefill.replacesValues() || decoding.replacesValues();
  }

  @Override
  public Optional<CacheFormat> cacheFormat() {
    return prefill.cacheFormat().or(decoding::cacheFormat);
  }

  @Override
  public BudgetKind budgetKind() {
    return prefill.budgetKind() == BudgetKind.OWN ? BudgetKind.OWN : BudgetKind.GRANULAR;
  }
}
