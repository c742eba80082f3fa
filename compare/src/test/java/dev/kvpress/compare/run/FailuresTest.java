package dev.kvpress.compare.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.spec.PressCatalog;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private static final List<CellPlan> CELLS =
      CellPlan.of(
          List.of(new CellPlan.Method("knorm", PressCatalog.load().make("knorm"))),
          List.of(0.3, 0.6),
          List.of());

  @Test
  void whatStandsBeforeAFailureIsStillAskedWhoeverComesFirst() {
    Failures failures = new Failures();
    CellPlan cell = CELLS.get(0);
    failures.add(0, cell, 5, 2);
    failures.add(0, cell, 3, 7);
    failures.add(0, cell, 4, 0);
    assertThat(failures.standBefore(0, cell, 3, 6)).isFalse();
    assertThat(failures.standBefore(0, cell, 3, 7)).isFalse();
    assertThat(failures.standBefore(0, cell, 3, 8)).isTrue();
    assertThat(failures.standBefore(0, cell, 2, 9)).isFalse();
    assertThat(failures.standBefore(0, cell, 4, 0)).isTrue();
    assertThat(failures.standBefore(1, cell, 9, 9)).isFalse();
    assertThat(failures.standBefore(0, CELLS.get(1), 9, 9)).isFalse();
  }

  @Test
  void anErrorIsOneLine() {
    assertThat(Failures.describe(3, new IllegalStateException("a\n  b")))
        .isEqualTo("sample 3: a b");
  }
}
