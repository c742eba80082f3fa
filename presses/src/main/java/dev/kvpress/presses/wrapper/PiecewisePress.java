package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
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
