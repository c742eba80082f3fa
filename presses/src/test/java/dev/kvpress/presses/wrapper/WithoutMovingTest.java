package dev.kvpress.presses.wrapper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Presses for caches in which tokens stand at their slots anyway. */
class WithoutMovingTest {
  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key_rerotation(knorm)",
        "composed(knorm,key_rerotation(knorm))",
        "prefill_decoding(key_rerotation(knorm),decoding(knorm))"
      })
  void whatMovesTokensIsTakenOutWhereverItStands(String spec) {
    ModelPress moving = press(spec);
    ModelPress still = moving.withoutMoving();
    assertThat(moving.movesTokens()).isTrue();
    assertThat(still.movesTokens()).isFalse();
    assertThat(still.needs()).doesNotContain(new Signal.Rotary());
    assertThat(still.leaves()).isEqualTo(moving.leaves());
  }

  @Test
  void otherPressesStayWhatTheyAre() {
    for (String spec : new String[] {"knorm", "composed(knorm,snapkv)", "adakv(knorm)"}) {
      ModelPress press = press(spec);
      assertThat(press.withoutMoving()).isSameAs(press);
    }
  }
}
