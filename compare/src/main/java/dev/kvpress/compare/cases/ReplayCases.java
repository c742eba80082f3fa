package dev.kvpress.compare.cases;

import dev.kvpress.compare.data.Line;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.presses.spec.PressSpec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Plays a prefill and decoding steps through one layer and tells after each what is left.
 *
 * <p>The first step is the prefill, every later one decoding whatever its length. In decoding only
 * presses cut that go on evicting there ({@link ModelPress#evictsWhileDecoding}).
 */
public final class ReplayCases implements CaseAnswerer {
  private final PressCatalog catalog;
  private final PressDefaults defaults;

  /** With the presses there are and the defaults of the command line. */
  public ReplayCases(PressCatalog catalog, PressDefaults defaults) {
    this.catalog = catalog;
    this.defaults = defaults;
  }

  @Override
  public String answer(Line line) {
    Case read = Case.read(line, Case.Kind.REPLAY);
    NamedPress named = catalog.make(PressSpec.parse(read.press()), defaults);
    ModelPress press = named.press();
    CaseCache cache = new CaseCache(Dimensions.of(read.steps()), press);
    Budget budget = read.budget().orElse(Budget.FULL);
    Set<String> notices = new LinkedHashSet<>();
    return Answer.line(
        json -> {
          json.writeArrayFieldStart("trace");
          for (int i = 0; i < read.steps().size(); i++) {
            cache.append(read.steps().get(i));
            Phase phase = i == 0 ? Phase.PREFILL : Phase.DECODE;
            if (phase == Phase.PREFILL || press.evictsWhileDecoding()) {
              notices.addAll(cut(press, cache, read, phase, budget));
            }
            json.writeStartObject();
            Answer.kept(json, cache.ledger());
            json.writeNumberField("compression_ratio", cache.achievedRatio());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeNumberField("compression_ratio", cache.achievedRatio());
          Answer.notices(json, List.copyOf(notices));
        });
  }

  private static List<String> cut(
      ModelPress press, CaseCache cache, Case read, Phase phase, Budget budget) {
    if (!press.keepsAll() && (press.budgetKind() == BudgetKind.OWN || !budget.keepsAll())) {
      ScoreCases.requireSignals(cache, read);
    }
    LayerSignals layer = cache.signals(phase, read.layer(), read.layers(), read.press());
    CacheEdit edit = press.compress(new ModelSignals(List.of(layer)), budget).get(0);
    cache.apply(edit);
    return edit.notices();
  }
}
