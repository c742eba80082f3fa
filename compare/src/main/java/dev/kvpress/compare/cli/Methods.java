package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.Method;
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
    Problems own = new Problems();
    Optional<Method> method =
        own.attempt(() -> new Method(typed, catalog.make(PressSpec.parse(typed), defaults)));
    own.lines().forEach(line -> problems.add(option + ": " + line));
    return method;
  }

  /**
   * The methods of a comparison: each once, and always the baseline, which the others are compared
   * with.
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
    Map<String, Method> bySpec = new LinkedHashMap<>();
    for (String name : names) {
      Optional<Method> method = make("--methods", name);
      if (method.isEmpty()) {
        continue;
      }
      // Two names of the baseline are one baseline.
      String key = method.get().isBaseline() ? BASELINE : method.get().named().spec().toString();
      Method before = bySpec.putIfAbsent(key, method.get());
      if (before != null) {
        notices.accept(
            "--methods: '%s' is the same as '%s' and runs once".formatted(name, before.typed()));
      }
    }
    if (!bySpec.containsKey(BASELINE)) {
      make("--methods", BASELINE).ifPresent(method -> bySpec.put(BASELINE, method));
    }
    return List.copyOf(bySpec.values());
  }
}
