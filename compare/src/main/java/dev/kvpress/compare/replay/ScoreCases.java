package dev.kvpress.compare.replay;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Scores the tokens of one layer after a prefill and says which of them a press keeps.
 *
 * <p>Scorers are asked for their scores whatever the budget, also where it keeps all. Presses that
 * give no scores are answered without {@code scores}.
 */
final class ScoreCases implements CaseAnswerer {
  private final PressCatalog catalog;
  private final PressDefaults defaults;

  /** With the presses there are and the defaults of the command line. */
  ScoreCases(PressCatalog catalog, PressDefaults defaults) {
    this.catalog = catalog;
    this.defaults = defaults;
  }

  @Override
  public Case.Kind kind() {
    return Case.Kind.SCORE;
  }

  @Override
  public String answer(Case asked) {
    CasePress press = new CasePress(asked, catalog, defaults);
    CaseCache cache = new CaseCache(asked, press.press());
    cache.append(asked.steps().get(0));
    Optional<Scores> scores = scores(press, cache);
    CacheEdit edit = press.cut(cache, Phase.PREFILL);
    List<String> notices = new ArrayList<>(edit.notices());
    press.notice().ifPresent(notices::add);
    return Answer.line(
        json -> {
          if (scores.isPresent()) {
            Answer.scores(json, scores.get());
          }
          Answer.kept(json, cache.ledger());
          Answer.extras(json, edit, cache.ledger());
          Answer.notices(json, notices);
        });
  }

  private static Optional<Scores> scores(CasePress press, CaseCache cache) {
    if (!(press.press() instanceof ScorerPress scorer)) {
      return Optional.empty();
    }
    cache.requireSignals();
    LayerSignals layer = cache.layer(Phase.PREFILL);
    Scores scores = scorer.score(layer, press.budget());
    scores.requireNumbers(layer);
    return Optional.of(scores);
  }
}
