package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.CellPlan.Method;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.compare.task.Task;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.presses.spec.PressSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes presses of what was typed. */
final class Methods {
  private static final String BASELINE = "baseline";
  private static final String OBSERVED_ATTENTION = "observed_attention";

  private final PressCatalog catalog;
  private final PressDefaults defaults;
  private final Problems problems;

  Methods(PressCatalog catalog, PressDefaults defaults, Problems problems) {
    this.catalog = catalog;
    this.defaults = defaults;
    this.problems = problems;
  }

  /** One press, if it can be made. */
  Optional<Method> make(String option, String typed) {
    if (typed.isBlank()) {
      problems.add(option + ": expected a press, found nothing between the commas or quotes");
      return Optional.empty();
    }
    Problems own = new Problems();
    Optional<Method> method =
        own.attempt(() -> new Method(typed, catalog.make(PressSpec.parse(typed), defaults)));
    own.lines().forEach(line -> problems.add(option + ": " + line));
    return method;
  }

  /**
   * The methods of a comparison: each once, the baseline first, whether it was typed or not.
   *
   * @param notices takes remarks on methods that were typed twice
   */
  List<Method> all(List<String> typed, boolean observedAttention, Consumer<String> notices) {
    List<String> names = new ArrayList<>(Arguments.split(typed));
    if (names.isEmpty()) {
      problems.add(
          "--methods: expected at least one, found none; give for instance --methods h2o baseline (compare list shows all)");
    }
    if (observedAttention && !names.contains(OBSERVED_ATTENTION)) {
      names.add(OBSERVED_ATTENTION);
    }
    Optional<Method> baseline = Optional.empty();
    Map<String, Method> others = new LinkedHashMap<>();
    for (String name : names) {
      Optional<Method> made = make("--methods", name);
      if (made.isEmpty()) {
        continue;
      }
      Optional<Method> before;
      if (made.get().press().press().keepsAll()) {
        before = baseline;
        baseline = before.or(() -> made);
      } else {
        String spec = made.get().press().spec().toString();
        before = Optional.ofNullable(others.putIfAbsent(spec, made.get()));
      }
      before.ifPresent(
          same ->
              notices.accept(
                  "--methods: '%s' is the same as '%s' and runs once"
                      .formatted(name, same.typed())));
    }
    List<Method> all = new ArrayList<>();
    baseline.or(() -> make("--methods", BASELINE)).ifPresent(all::add);
    all.addAll(others.values());
    return all;
  }

  /** Notes methods that a protocol cannot run, and budgets that are missing. */
  static void check(
      List<Method> methods, Protocol protocol, boolean budgetGiven, Problems problems) {
    for (Method method : methods) {
      ModelPress press = method.asked();
      if (protocol == Protocol.STREAMING && !press.phases().contains(Phase.DECODE)) {
        problems.add(
            "--protocol streaming: press '%s' works in prefill only; leave it out or compare it with --protocol prefill"
                .formatted(method.typed()));
      }
      if (protocol == Protocol.PREFILL && !press.phases().contains(Phase.PREFILL)) {
        problems.add(
            "--protocol prefill: press '%s' works while decoding only, and nothing would be removed; compare it with --protocol streaming"
                .formatted(method.typed()));
      }
      if (!budgetGiven && followsBudget(method)) {
        problems.add(
            "--compression-ratio: expected a ratio (or --budget), since press '%s' follows a budget; give for instance --compression-ratio 0.6"
                .formatted(method.typed()));
      }
    }
  }

  /** Notes methods whose caches cannot be taken into a batch, where a task makes batches. */
  static void checkBatches(List<Method> methods, List<Task> tasks, Problems problems) {
    List<String> packed =
        methods.stream()
            .filter(method -> method.press().press().cacheFormat().isPresent())
            .map(method -> "'" + method.typed() + "'")
            .toList();
    if (packed.isEmpty()) {
      return;
    }
    for (Task task : tasks) {
      if (task.makesBatches()) {
        problems.add(
            "--tasks %s: rows of a batch keep their caches in full, but the methods %s keep theirs in fewer bits; leave out --kv-bits and such presses here, or the task"
                .formatted(task.name(), String.join(", ", packed)));
      }
    }
  }

  /** Whether a press does what the budget of the command line says. */
  static boolean followsBudget(Method method) {
    ModelPress press = method.press().press();
    return !press.keepsAll() && press.budgetKind() != BudgetKind.OWN;
  }
}
