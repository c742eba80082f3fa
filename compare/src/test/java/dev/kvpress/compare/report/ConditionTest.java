package dev.kvpress.compare.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.Outcomes;
import dev.kvpress.compare.task.Tasks;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTest {
  private static final PressCatalog CATALOG = PressCatalog.load();

  @ParameterizedTest
  @CsvSource({
    "delta_nll>0.05, true",
    "delta_nll > 0.5, false",
    "delta-nll>=0.5, true",
    "delta_nll<0.6, true",
    "delta_nll<=0.4, false",
    "perplexity_delta>0, true",
    "nll_n<3, true",
    // Neither has the field, so neither can miss it.
    "recall_accuracy<1, false"
  })
  void isHeldAgainstEveryMethodButTheBaseline(String text, boolean expected) {
    List<String> violations = Condition.parse(text, Tasks.all()).violations(run());
    if (expected) {
      assertThat(violations)
          .singleElement()
          .asString()
          .contains("knorm at 0.5")
          .contains("perplexity on texts.jsonl");
    } else {
      assertThat(violations).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "delta_nll>0.05, true",
    "perplexity_delta>0, true",
    "nll_low>0, true",
    "recall_accuracy<1, true",
    "perplexity>100, false"
  })
  void aFigureThatNoMethodHasDoesNotPassSilently(String text, boolean missing) {
    RunResults run = run();
    RunResults alone =
        new RunResults(
            GatheredCells.rows(List.of(cell(plans().get(1), 2.5))),
            List.of(run.cells().get(1)),
            List.of());
    List<String> unheld = Condition.parse(text, Tasks.all()).unheld(alone);
    if (missing) {
      assertThat(unheld)
          .singleElement()
          .asString()
          .contains(text, "nothing could be held against it");
    } else {
      assertThat(unheld).isEmpty();
    }
    if (!text.startsWith("recall")) {
      assertThat(Condition.parse(text, Tasks.all()).unheld(run)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "delta_nll, 'expected FIELD>NUMBER'",
    "delta_nll=0.5, 'expected FIELD>NUMBER'",
    "delta_nll>much, 'expected a number behind >, found ''much'''",
    "delta_nll>NaN, 'expected a number'",
    "dleta_nll>0.5, 'expected a field of the results, found ''dleta_nll'''"
  })
  void refusesWhatItCannotJudge(String text, String message) {
    assertThatThrownBy(() -> Condition.parse(text, Tasks.all())).hasMessageContaining(message);
  }

  @Test
  void metricsOfTasksThatDoNotRunAreUnknown() {
    assertThatThrownBy(() -> Condition.parse("recall_accuracy_delta<-0.1", List.of()))
        .hasMessageContaining("recall_accuracy_delta");
  }

  /** A baseline at 2 nats and a method at 2.5. */
  private static RunResults run() {
    List<CellPlan> plans = plans();
    List<CellOutcome> cells = List.of(cell(plans.get(0), 2), cell(plans.get(1), 2.5));
    return new RunResults(
        GatheredCells.rows(cells), cells.stream().map(CellOutcome::cell).toList(), List.of());
  }

  private static List<CellPlan> plans() {
    return CellPlan.of(
        List.of(
            new CellPlan.Method("baseline", CATALOG.make("baseline")),
            new CellPlan.Method("knorm", CATALOG.make("knorm"))),
        List.of(0.5),
        List.of());
  }

  private static CellOutcome cell(CellPlan plan, double nll) {
    return new CellOutcome(
        plan.facts(),
        Outcomes.PERPLEXITY,
        List.of(
            Outcomes.perplexity(0, 10, 10 * nll, 9, 9 * nll),
            Outcomes.perplexity(1, 20, 20 * nll, 19, 19 * nll)),
        Optional.empty(),
        List.of());
  }
}
