package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.CellPlan.Method;
import dev.kvpress.presses.spec.PressSpec;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Refuses options that none of the methods heeds: whoever gives them takes the figures for those of
 * what was asked.
 */
final class OptionEffects {
  private static final String DMS = "dms";

  private OptionEffects() {}

  /**
   * Notes a budget that no method follows.
   *
   * @param given option and value as typed, one that asks to remove something
   */
  static void requireBudget(List<Method> methods, Optional<String> given, Problems problems) {
    if (given.isEmpty() || methods.stream().anyMatch(Methods::followsBudget)) {
      return;
    }
    List<String> own =
        methods.stream()
            .filter(method -> !method.press().press().keepsAll())
            .map(method -> "'" + method.typed() + "'")
            .toList();
    String reason =
        own.isEmpty()
            ? "nothing would be removed, since the baseline keeps everything"
            : "nothing would change, since %s %s no budget"
                .formatted(String.join(", ", own), own.size() == 1 ? "follows" : "follow");
    problems.add(
        "%s: %s; name a press that follows a budget, for instance h2o, or leave it out"
            .formatted(given.get(), reason));
  }

  /** Notes an option for dms where no method has one. */
  static void requireDms(List<Method> methods, String option, Problems problems) {
    if (dms(methods).findAny().isEmpty()) {
      problems.add(
          "%s: expected a dms among the presses, found none, so it would change nothing; name one, for instance \"dms(h2o)\", or leave it out"
              .formatted(option));
    }
  }

  /** Notes thresholds for dms around presses that no dms has in it. */
  static void requireDmsAround(
      List<Method> methods, String option, Collection<String> scorers, Problems problems) {
    for (String scorer : scorers) {
      if (dms(methods).flatMap(OptionEffects::all).noneMatch(s -> s.name().equals(scorer))) {
        problems.add(
            "%s: expected a dms around %s among the presses, found none, so it would change nothing; name it as \"dms(%s)\" or leave it out"
                .formatted(option, scorer, scorer));
      }
    }
  }

  private static Stream<PressSpec> dms(List<Method> methods) {
    return methods.stream()
        .flatMap(method -> all(method.press().spec()))
        .filter(spec -> spec.name().equals(DMS));
  }

  /** A press and all that it has in it. */
  private static Stream<PressSpec> all(PressSpec spec) {
    return Stream.concat(
        Stream.of(spec),
        Stream.concat(
            spec.presses().stream().flatMap(OptionEffects::all),
            spec.parameters().values().stream().flatMap(OptionEffects::within)));
  }

  private static Stream<PressSpec> within(PressSpec.Value value) {
    if (value instanceof PressSpec.Nested nested) {
      return all(nested.spec());
    }
    if (value instanceof PressSpec.Items items) {
      return items.values().stream().flatMap(OptionEffects::within);
    }
    // A press without parentheses is a word.
    return Stream.of(new PressSpec(((PressSpec.Word) value).text(), List.of(), Map.of()));
  }
}
