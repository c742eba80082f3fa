package dev.kvpress.compare.replay;

import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Plays a prefill and decoding steps through one layer and tells after each what is left.
 *
 * <p>The first step is the prefill, every later one decoding whatever its length. In decoding only
 * presses cut that go on evicting there ({@link ModelPress#evictsWhileDecoding}).
 */
final class ReplayCases implements CaseAnswerer {
  private final PressCatalog catalog;
  private final PressDefaults defaults;

  /** With the presses there are and the defaults of the command line. */
  ReplayCases(PressCatalog catalog, PressDefaults defaults) {
    this.catalog = catalog;
    this.defaults = defaults;
  }

  @Override
  public Case.Kind kind() {
    return Case.Kind.REPLAY;
  }

  @Override
  public String answer(Case asked) {
    CasePress press = new CasePress(asked, catalog, defaults);
    CaseCache cache = new CaseCache(asked, press.press());
    Set<String> notices = new LinkedHashSet<>();
    press.notice().ifPresent(notices::add);
    return Answer.line(
        json -> {
          json.writeArrayFieldStart("trace");
          Phase phase = Phase.PREFILL;
          for (LayerInputs step : asked.steps()) {
            cache.append(step);
            if (phase == Phase.PREFILL || press.press().evictsWhileDecoding()) {
              notices.addAll(press.cut(cache, phase).notices());
            }
            json.writeStartObject();
            Answer.kept(json, cache.ledger());
            json.writeNumberField("compression_ratio", cache.achievedRatio());
            json.writeEndObject();
            phase = Phase.DECODE;
          }
          json.writeEndArray();
          json.writeNumberField("compression_ratio", cache.achievedRatio());
          Answer.notices(json, List.copyOf(notices));
        });
  }
}
