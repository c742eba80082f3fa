package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import java.util.Arrays;
import java.util.Set;

/** A press that takes the context of a prefill in pieces of a number of tokens. */
abstract class PiecewisePress extends DelegatingPress {
  /** Tokens of a piece; the last one may have fewer. */
  final int piece;

  PiecewisePress(ScorerPress scorer, Parameter parameter, int piece) {
    super(scorer);
    this.piece = parameter.checked(piece);
  }

  /** Makes a press of this kind. */
  interface Maker {
    PiecewisePress make(ScorerPress scorer, int piece);
  }

  /** Refuses a scorer whose work in decoding would be left out without a word. */
  static PiecewisePress of(PressArguments arguments, Parameter parameter, Maker maker) {
    ScorerPress scorer = arguments.scorer();
    Refusals.requirePrefillOnly(arguments);
    return maker.make(scorer, arguments.integer(parameter));
  }

  /** What is kept and the next piece, of a context whose first tokens were kept at the start. */
  final KeptSlots withNextPiece(LayerSignals layer, KeptSlots kept, long passed) {
    return KeptSlots.chosen(
        layer,
        (b, g) -> {
          long left = layer.length(b, g) - kept.count(b, g) - passed;
          int added = (int) Math.max(0, Math.min(left, piece));
          int[] slots = Arrays.copyOf(kept.of(b, g), kept.count(b, g) + added);
          for (int i = kept.count(b, g); i < slots.length; i++) {
            slots[i] = i + (int) passed;
          }
          return slots;
        });
  }

  /** How closely a press follows a budget that deals it out by pieces. */
  final BudgetKind byPieces() {
    return scorer.budgetKind() == BudgetKind.OWN ? BudgetKind.OWN : BudgetKind.GRANULAR;
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }

  @Override
  public boolean evictsWhileDecoding() {
    return false;
  }
}
