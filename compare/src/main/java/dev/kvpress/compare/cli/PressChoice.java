package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One press, how much it may leave, and the format of the cache. */
final class PressChoice {
  @Option(
      names = "--press",
      paramLabel = "PRESS",
      description = "The press (default: ${DEFAULT-VALUE}).")
  String press = "baseline";

  @Option(
      names = "--compression-ratio",
      paramLabel = "RATIO",
      description = "Fraction of the cache to remove, in [0, 1).")
  @Nullable String ratio;

  @Option(names = "--budget", paramLabel = "TOKENS", description = "Tokens to keep instead.")
  @Nullable String budget;

  @Mixin CacheOptions cache = new CacheOptions();

  @Mixin PressOptions defaults = new PressOptions();

  /** The press, if it can be made, with its cache in few bits where that is asked for. */
  Optional<CellPlan.Method> method(PressCatalog catalog, Problems problems) {
    Methods maker = new Methods(catalog, defaults.defaults(catalog, problems), problems);
    Optional<CellPlan.Method> cut = maker.make("--press", press);
    return cache
        .format(problems)
        .flatMap(format -> cut.flatMap(one -> CacheOptions.in(one, format, maker)))
        .or(() -> cut);
  }

  /**
   * Notes a budget that the press does not follow and thresholds that it does not have. For
   * commands that ask one press; where requests name others these are defaults for those.
   */
  void requireEffect(
      Optional<CellPlan.Method> method,
      Optional<Budget> allowed,
      PressCatalog catalog,
      Problems problems) {
    if (method.isEmpty()) {
      return;
    }
    List<CellPlan.Method> one = List.of(method.get());
    OptionEffects.requireBudget(
        one,
        allowed
            .filter(some -> !some.keepsAll())
            .map(some -> ratio != null ? "--compression-ratio " + ratio : "--budget " + budget),
        problems);
    defaults.requireEffect(one, catalog, problems);
  }

  /** What it may leave; empty where it follows a rule of its own or something is wrong. */
  Optional<Budget> budget(Problems problems, Optional<CellPlan.Method> method) {
    Values values = new Values(problems);
    if (ratio != null && budget != null) {
      problems.add("give --compression-ratio or --budget, not both");
    }
    if (ratio != null) {
      return values.ratio("--compression-ratio", ratio).map(Budget::ratio);
    }
    OptionalInt tokens = values.integer("--budget", budget, 1);
    if (tokens.isPresent()) {
      return Optional.of(Budget.tokens(tokens.getAsInt()));
    }
    if (budget == null && method.isPresent() && Methods.followsBudget(method.get())) {
      problems.add(
          "--compression-ratio: expected a ratio (or --budget), since press '%s' follows a budget; give for instance --compression-ratio 0.6"
              .formatted(press));
    }
    return Optional.empty();
  }
}
