package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.SyntheticLayer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a window takes the whole budget no score counts, whatever deals the budget out. */
class WindowRemarkTest {
  private static final int TOKENS = 48;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "snapkv(window_size=16)",
        "h2o(local_window_size=16)",
        "rkv(window_size=16)",
        "pyramidkv(window_size=16)",
        "adakv(snapkv(window_size=16))",
        "key_rerotation(snapkv(window_size=16))",
        "defensivekv(window_size=16)",
        "layer_defensivekv(window_size=16)",
        "fastkvzip(window_ratio=0.4,n_sink=0)",
      })
  void isSaidWhereNoScoreCounts(String spec) {
    assertThat(notices(spec, 8)).as(spec).anyMatch(said -> said.contains("takes up the whole"));
    assertThat(notices(spec, 30)).as(spec).noneMatch(said -> said.contains("takes up the whole"));
  }

  private static List<String> notices(String spec, int budget) {
    ModelPress press = PressCatalog.load().make(spec).press();
    SyntheticLayer layer =
        SyntheticLayer.random(new SyntheticLayer.Shape(1, 2, 2, TOKENS, 8).suiting(press), 5);
    LayerSignals seen = layer.prefill(press.needs());
    return press.compress(new ModelSignals(List.of(seen)), Budget.tokens(budget)).stream()
        .flatMap(edit -> edit.notices().stream())
        .toList();
  }
}
