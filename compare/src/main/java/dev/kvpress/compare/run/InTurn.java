package dev.kvpress.compare.run;

import com.google.common.math.Quantiles;
import com.google.common.primitives.Doubles;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Measures methods in turn: each for a few steps, then all of them again, beginning with another
 * one. What slows the machine for a while then slows all of them, and how far the turns of one
 * method lie apart shows it; one method after the other, it would look like a difference.
 */
final class InTurn {
  // The first step behind a cut copies the cache into a buffer with room.
  private static final int SETTLING_STEPS = 1;
  private static final int STEPS = 3;

  private final LongSupplier clock;

  /**
   * A way to measure.
   *
   * @param clock nanoseconds
   */
  InTurn(LongSupplier clock) {
    this.clock = clock;
  }

  /** One method, ready for steps. */
  interface Stretch extends AutoCloseable {
    /** Steps that are left before the text would be too long for the model. */
    int left();

    /** One step. */
    void step();

    @Override
    void close();
  }

  /**
   * Measures.
   *
   * @param rounds turns of each method
   * @param ready makes a method ready; what that takes does not count
   * @param group names this measurement
   * @return the times of all methods that did not fail
   */
  <M> Map<M, StepTimes> measure(
      List<M> methods, int rounds, Function<M, Stretch> ready, String group) {
    Map<M, List<Double>> turns = new LinkedHashMap<>();
    Map<M, Integer> steps = new LinkedHashMap<>();
    Set<M> failed = new HashSet<>();
    for (int round = 0; round < rounds; round++) {
      for (int place = 0; place < methods.size(); place++) {
        M method = methods.get((place + round) % methods.size());
        if (failed.contains(method)) {
          continue;
        }
        try (Stretch stretch = ready.apply(method)) {
          List<Double> nanos = turn(stretch);
          if (!nanos.isEmpty()) {
            turns
                .computeIfAbsent(method, key -> new ArrayList<>())
                .add(Quantiles.median().compute(nanos));
            steps.merge(method, nanos.size(), Integer::sum);
          }
        } catch (RuntimeException e) {
          // The method meets the same fault where its figures are taken, and reports it there.
          failed.add(method);
        }
      }
    }
    Map<M, StepTimes> times = new LinkedHashMap<>();
    turns.forEach(
        (method, own) -> {
          if (!failed.contains(method)) {
            times.put(method, new StepTimes(own, steps.getOrDefault(method, 0), group));
          }
        });
    return times;
  }

  private List<Double> turn(Stretch stretch) {
    int left = stretch.left();
    for (int i = 0; i < Math.min(SETTLING_STEPS, left); i++) {
      stretch.step();
    }
    double[] nanos = new double[Math.max(0, Math.min(STEPS, left - SETTLING_STEPS))];
    for (int i = 0; i < nanos.length; i++) {
      long start = clock.getAsLong();
      stretch.step();
      nanos[i] = clock.getAsLong() - start;
    }
    return Doubles.asList(nanos);
  }
}
