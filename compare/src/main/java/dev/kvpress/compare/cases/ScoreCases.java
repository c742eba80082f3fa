package dev.kvpress.compare.cases;

import dev.kvpress.compare.data.Line;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.presses.spec.PressSpec;
import java.util.List;
import java.util.Optional;

/** Scores the tokens of one layer after a prefill and says which of them a press keeps. */
public final class ScoreCases implements CaseAnswerer {
  private final PressCatalog catalog;
  private final PressDefaults defaults;

  /** With the presses there are and the defaults of the command line. */
  public ScoreCases(PressCatalog catalog, PressDefaults defaults) {
    this.catalog = catalog;
    this.defaults = defaults;
  }

  @Override
  public String answer(Line line) {
    Case read = Case.read(line, Case.Kind.SCORE);
    NamedPress named = catalog.make(PressSpec.parse(read.press()), defaults);
    ModelPress press = named.press();
    CaseCache cache = new CaseCache(Dimensions.of(read.steps()), press);
    cache.append(read.steps().get(0));
    LayerSignals layer = cache.signals(Phase.PREFILL, read.layer(), read.layers(), read.press());
    // A press whose line names no budget is asked for its scores only.
    Budget budget = read.budget().orElse(Budget.FULL);
    boolean asksPress = press.budgetKind() == BudgetKind.OWN || !budget.keepsAll();
    if (!press.keepsAll() && asksPress) {
      requireSignals(cache, read);
    }
    Optional<Scores> scores = scores(press, cache, layer, budget, asksPress);
    CacheEdit edit = press.compress(new ModelSignals(List.of(layer)), budget).get(0);
    cache.apply(edit);
    return Answer.line(
        json -> {
          if (scores.isPresent()) {
            Answer.scores(json, scores.get());
          }
          Answer.kept(json, cache.ledger());
          if (edit.zeroedChannels().isPresent()) {
            Answer.channels(json, edit.zeroedChannels().get(), cache.ledger());
          }
          if (edit.keys().isPresent()) {
            Answer.vectors(json, LayerInputs.KEYS, edit.keys().get(), cache.ledger());
          }
          if (edit.values().isPresent()) {
            Answer.vectors(json, LayerInputs.VALUES, edit.values().get(), cache.ledger());
          }
          Answer.notices(json, edit.notices());
        });
  }

  /** Scores of presses that score; at ratio 0 only as far as the tensors allow. */
  private static Optional<Scores> scores(
      ModelPress press, CaseCache cache, LayerSignals layer, Budget budget, boolean required) {
    if (!(press instanceof ScorerPress scorer)) {
      return Optional.empty();
    }
    if (!required && cache.missingField().isPresent()) {
      return Optional.empty();
    }
    try {
      Scores scores = scorer.score(layer, budget);
      scores.requireNumbers(layer);
      return Optional.of(scores);
    } catch (CaseException e) {
      if (required) {
        throw e;
      }
      return Optional.empty();
    }
  }

  static void requireSignals(CaseCache cache, Case read) {
    cache
        .missingField()
        .ifPresent(
            field -> {
              throw new CaseException(
                  "%s: expected a value, found nothing; press %s needs it"
                      .formatted(field, read.press()));
            });
  }
}
