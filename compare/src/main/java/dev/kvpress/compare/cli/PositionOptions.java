package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.CellPlan.Method;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.runtime.cache.position.Positions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** Where tokens stand, and how far. */
final class PositionOptions {
  @Option(
      names = "--positions",
      paramLabel = "NAME",
      description =
          "true: tokens stand where they stood in the text; rolled: at their slots in the cache, so that texts need not end (--protocol streaming only); both: each method both ways (default: true).")
  List<String> positions = new ArrayList<>();

  @Option(
      names = "--beyond-trained",
      description =
          "Texts may go beyond the positions that the model was made for (default: they are cut there).")
  boolean beyondTrained;

  /** The methods as often as there are ways to place their tokens; the baseline once. */
  List<Method> placed(List<Method> methods, Protocol protocol, Problems problems) {
    Set<Positions> wanted = new LinkedHashSet<>();
    for (String name : Arguments.split(positions)) {
      one("--positions", name, problems).ifPresent(wanted::add);
    }
    if (wanted.contains(Positions.ROLLED) && protocol != Protocol.STREAMING) {
      problems.add(
          "--positions rolled: expected --protocol streaming, since methods of the prefill protocol share one prefill at true positions; add it, or take --positions true");
    }
    if (wanted.isEmpty()) {
      return methods;
    }
    List<Method> placed = new ArrayList<>();
    for (Method method : methods) {
      if (method.press().press().keepsAll()) {
        placed.add(method);
        continue;
      }
      for (Positions where : wanted) {
        placed.add(where == Positions.ROLLED ? method.rolled() : method);
      }
    }
    return placed;
  }

  /** One way, if it is one. */
  static Optional<Positions> one(String option, String name, Problems problems) {
    Optional<Positions> found = Positions.of(name);
    if (found.isEmpty()) {
      problems.add(
          "%s: expected one of %s, found '%s'"
              .formatted(option, String.join(", ", Positions.labels()), name));
    }
    return found;
  }
}
