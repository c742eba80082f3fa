package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.report.Condition;
import dev.kvpress.compare.task.Task;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** When a comparison that went through counts as failed all the same. */
final class GateOptions {
  @Option(
      names = "--fail-if",
      paramLabel = "CONDITION",
      description =
          "End with exit code 4 if a method's result meets it, one or several: \"delta_nll>0.05\", \"recall_accuracy_delta<-0.1\". delta_nll is the logarithm of the ratio of perplexities to the full cache's, as in the table; nll_delta is over all predicted tokens.")
  List<String> failIf = new ArrayList<>();

  /** The conditions. */
  List<Condition> conditions(List<Task> tasks, Problems problems) {
    List<Condition> conditions = new ArrayList<>();
    for (String text : Arguments.split(failIf)) {
      try {
        conditions.add(Condition.parse(text, tasks));
      } catch (IllegalArgumentException e) {
        problems.add("--fail-if: " + e.getMessage());
      }
    }
    return conditions;
  }
}
