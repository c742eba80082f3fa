package dev.kvpress.compare.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/** Measured with a clock that only steps move. */
class InTurnTest {
  private static final int PLENTY = 100;

  private final List<String> order = new ArrayList<>();
  private long now;

  private InTurn.Stretch stretch(String method, int left, ToLongFunction<String> nanos) {
    order.add(method);
    return new InTurn.Stretch() {
      private int passed;

      @Override
      public int left() {
        return left - passed;
      }

      @Override
      public void step() {
        passed++;
        now += nanos.applyAsLong(method);
      }

      @Override
      public void close() {
        order.add("/" + method);
      }
    };
  }

  private Map<String, StepTimes> measure(int rounds, int left, ToLongFunction<String> nanos) {
    return new InTurn(() -> now)
        .measure(List.of("a", "b", "c"), rounds, m -> stretch(m, left, nanos), "here");
  }

  @Test
  void eachRoundBeginsWithAnotherAndOneIsOpenAtATime() {
    Map<String, StepTimes> times = measure(2, PLENTY, method -> method.equals("b") ? 20 : 10);

    assertThat(String.join("", order)).isEqualTo("a/ab/bc/cb/bc/ca/a");
    assertThat(times.get("a")).isEqualTo(new StepTimes(List.of(10.0, 10.0), 6, "here"));
    assertThat(times.get("b")).isEqualTo(new StepTimes(List.of(20.0, 20.0), 6, "here"));
  }

  @Test
  void aMachineThatSlowsDownIsSeenInTheSpreadOfEachAndNotAsADifference() {
    // Each step takes a little longer than the last, whoever takes it.
    Map<String, StepTimes> times = measure(4, PLENTY, method -> 1000 + now / 100);

    StepTimes a = requireNonNull(times.get("a"));
    StepTimes b = requireNonNull(times.get("b"));
    assertThat(Math.abs(a.median() - b.median())).isLessThan(a.halfRange() + b.halfRange());
    assertThat(a.halfRange()).isPositive();
  }

  @Test
  void theFirstStepOfATurnDoesNotCount() {
    int[] taken = {0};
    Map<String, StepTimes> times = measure(1, PLENTY, m -> taken[0]++ % 4 == 0 ? 9999 : 10);

    assertThat(requireNonNull(times.get("c")).median()).isCloseTo(10, within(1e-9));
  }

  @Test
  void nearTheEndOfTheModelFewerStepsAreTakenAndOfNoneNothingIsSaid() {
    assertThat(requireNonNull(measure(2, 2, m -> 10).get("a")).steps()).isEqualTo(2);
    assertThat(measure(2, 1, m -> 10)).isEmpty();
    assertThat(measure(2, 0, m -> 10)).isEmpty();
  }

  @Test
  void whoFailsIsLeftOutAndTheOthersGoOn() {
    Map<String, StepTimes> times =
        measure(
            2,
            PLENTY,
            method -> {
              if (method.equals("b")) {
                throw new IllegalStateException("refused");
              }
              return 10;
            });

    assertThat(times).containsOnlyKeys("a", "c");
    // Closed all the same, and not tried again.
    assertThat(order.stream().filter("b"::equals)).hasSize(1);
    assertThat(order.stream().filter("/b"::equals)).hasSize(1);
  }
}
