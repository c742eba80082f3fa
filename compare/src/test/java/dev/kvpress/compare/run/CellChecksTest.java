package dev.kvpress.compare.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.task.Answer;
import dev.kvpress.compare.task.Figure;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CellChecksTest {
  private static final PressCatalog CATALOG = PressCatalog.load();

  private OptionalInt widestWindow = OptionalInt.empty();

  @Test
  void refusesACellThatRemovedNothing() {
    SampleOutcome whole = sample(0.0, 0.5, 1);
    assertThat(checked("knorm", 0.5, List.of(whole, whole)).error())
        .hasValueSatisfying(e -> assertThat(e).contains("removed nothing").contains("0.5"));
  }

  /** The other shards may have longer contexts. */
  @Test
  void aPartOfTheSamplesThatRemovedNothingGetsARemark() {
    CellOutcome part = check("knorm", 0.5, sample(0.0, 0.5, 1));
    assertThat(part.error()).isEmpty();
    assertThat(part.warnings())
        .singleElement()
        .asString()
        .contains("removed nothing of the 1 samples of 2 that are here");
  }

  @Test
  void refusesAFigureThatIsNoNumberOfTheWholeCacheToo() {
    SampleOutcome fair = sample(0.5, 0.5, 1);
    SampleOutcome broken =
        new SampleOutcome(
            3,
            Answer.of(1, Map.of("nll", Figure.of(Double.NaN))),
            fair.cache(),
            1,
            1,
            Optional.empty(),
            List.of());
    for (String press : List.of("knorm", "baseline")) {
      assertThat(check(press, press.equals("knorm") ? 0.5 : 0, broken).error())
          .hasValueSatisfying(e -> assertThat(e).contains("sample 3: nll is NaN", "F16"));
    }
  }

  @Test
  void refusesAPerplexityThatIsTooLargeForANumberAndTellsTheMean() {
    for (String press : List.of("knorm", "baseline")) {
      CellOutcome cell =
          checked(
              press,
              press.equals("knorm") ? 0.5 : 0,
              List.of(
                  Outcomes.perplexity(4, 10, 20, 9, 9 * 640.5),
                  Outcomes.perplexity(5, 10, 20, 9, 9 * 900.25)));
      assertThat(cell.error())
          .hasValueSatisfying(
              e ->
                  assertThat(e)
                      .contains(
                          "perplexity is Infinity", "770.3", "709.78", "sample 5, with 900.25"));
    }
  }

  @Test
  void refusesAMeanWhoseSumLeavesTheRangeOfNumbers() {
    CellOutcome cell =
        checked(
            "knorm",
            0.5,
            List.of(
                Outcomes.perplexity(0, 10, 20, 1, 1e308),
                Outcomes.perplexity(1, 10, 20, 1, 1.5e308)));
    assertThat(cell.error())
        .hasValueSatisfying(
            e ->
                assertThat(e)
                    .contains(
                        "nll_compressed is Infinity", "the sum of nll_compressed", "sample 1"));
  }

  @Test
  void refusesAWeightAndARatioThatAreNoNumbers() {
    SampleOutcome fair = sample(0.5, 0.5, 1);
    SampleOutcome weightless =
        new SampleOutcome(
            3,
            Answer.of(1, Map.of("nll", new Figure(1, Double.POSITIVE_INFINITY))),
            fair.cache(),
            1,
            1,
            Optional.empty(),
            List.of());
    assertThat(check("knorm", 0.5, weightless).error())
        .hasValueSatisfying(e -> assertThat(e).contains("sample 3: the weight of nll is Infinity"));
    assertThat(check("baseline", 0, sample(Double.NaN, 0.5, 1)).error())
        .hasValueSatisfying(e -> assertThat(e).contains("achieved_ratio is NaN"));
  }

  @Test
  void refusesARatioThatWasMissedByMoreThanRounding() {
    assertThat(check("knorm", 0.5, sample(0.49, 0.5, 1)).error())
        .hasValueSatisfying(e -> assertThat(e).contains("0.490000").contains("0.500000"));
    assertThat(check("knorm", 0.5, sample(0.5 + 1e-12, 0.5, 1)).error()).isEmpty();
  }

  @Test
  void refusesLogitsThatEqualTheBaselinesBitForBit() {
    assertThat(check("knorm", 0.5, sample(0.5, 0.5, 7)).error())
        .hasValueSatisfying(e -> assertThat(e).contains("bit for bit"));
  }

  @Test
  void whatLiesBehindTheWindowsOfAllLayersMayBeRemovedWithoutAChange() {
    // The contexts have three tokens.
    widestWindow = OptionalInt.of(2);
    CellOutcome cell = check("knorm", 1 / 3.0, sample(1 / 3.0, 1 / 3.0, 7));
    assertThat(cell.error()).isEmpty();
    assertThat(cell.warnings()).singleElement().asString().contains("sliding windows", "2 tokens");
    widestWindow = OptionalInt.of(3);
    assertThat(check("knorm", 1 / 3.0, sample(1 / 3.0, 1 / 3.0, 7)).error()).isPresent();
  }

  @Test
  void acceptsAFairCell() {
    CellOutcome cell = check("knorm", 0.5, sample(0.5, 0.5, 1));
    assertThat(cell.error()).isEmpty();
    assertThat(cell.warnings()).isEmpty();
  }

  @Test
  void ratioZeroMayEqualTheBaseline() {
    assertThat(check("knorm", 0, sample(0, 0, 7)).error()).isEmpty();
  }

  @Test
  void warnsOfAPressWithItsOwnRuleThatRemovedNothing() {
    CellOutcome cell = check("dms(knorm,threshold=-99)", 0.5, sample(0, Double.NaN, 7));
    assertThat(cell.error()).isEmpty();
    assertThat(cell.warnings())
        .singleElement()
        .asString()
        .contains("removed no token", "threshold or sizes", "the full cache's own, bit for bit");
    assertThat(check("dms(knorm,threshold=-99)", 0.5, sample(0, Double.NaN, 1)).warnings())
        .singleElement()
        .asString()
        .contains("removed no token")
        .doesNotContain("bit for bit");
  }

  @Test
  void whatChangesTokensAndKeepsThemIsNotSaidToHaveDoneNothing() {
    for (String press :
        List.of("think(key_channel_compression_ratio=0.5)", "quantized(baseline,bits=4)")) {
      assertThat(check(press, 0.5, sample(0, Double.NaN, 1)).warnings()).as(press).isEmpty();
      assertThat(check(press, 0.5, sample(0, Double.NaN, 7)).warnings())
          .as(press)
          .singleElement()
          .asString()
          .contains("changed nothing", "the full cache's own");
    }
  }

  @Test
  void aPackedCacheThatLostNoTokenIsSaidToBePacked() {
    CellOutcome cell =
        check("minikv(heavy_ratio=0.5,recent_ratio=0.5)", 0.5, sample(0, Double.NaN, 1));
    assertThat(cell.error()).isEmpty();
    assertThat(cell.warnings())
        .singleElement()
        .asString()
        .contains("removed no token", "in 2 bits alone")
        .doesNotContain("bit for bit");
  }

  @Test
  void whatEvictsLaterIsNotBlamedForTheContext() {
    CellOutcome cell = check("decoding(knorm,target_size=64)", 0.5, sample(0, Double.NaN, 7));
    assertThat(cell.error()).isEmpty();
    assertThat(cell.warnings())
        .singleElement()
        .asString()
        .contains("while tokens are decoded", "the full cache's own")
        .doesNotContain("threshold");
  }

  @Test
  void oneCellForOwnRulesAndOneForEachRatioOfTheOthers() {
    List<CellPlan> plans =
        CellPlan.of(
            List.of(method("baseline"), method("knorm"), method("dms(knorm,threshold=-1)")),
            List.of(0.3, 0.6),
            List.of(10));
    assertThat(plans.stream().map(CellPlan::describe))
        .containsExactly(
            "baseline",
            "knorm at compression_ratio=0.3",
            "knorm at compression_ratio=0.6",
            "knorm at budget=10",
            "dms(knorm,threshold=-1)");
    assertThat(plans.get(4).compressionRatio()).isEmpty();
  }

  private CellOutcome check(String spec, double ratio, SampleOutcome sample) {
    return checked(spec, ratio, List.of(sample));
  }

  private CellOutcome checked(String spec, double ratio, List<SampleOutcome> samples) {
    CellPlan plan = CellPlan.of(List.of(method(spec)), List.of(ratio), List.of()).get(0);
    CellPlan base = CellPlan.of(List.of(method("baseline")), List.of(), List.of()).get(0);
    CellOutcome baseline =
        new CellOutcome(
            base.facts(),
            Outcomes.PERPLEXITY,
            List.of(sample(0, 0, 7)),
            Optional.empty(),
            List.of());
    return CellChecks.check(
        new CellOutcome(plan.facts(), Outcomes.PERPLEXITY, samples, Optional.empty(), List.of()),
        baseline,
        widestWindow,
        index -> 3);
  }

  private static CellPlan.Method method(String spec) {
    return new CellPlan.Method(spec, CATALOG.make(spec));
  }

  private static SampleOutcome sample(double achieved, double requested, long hash) {
    return Outcomes.cache(achieved, requested, hash);
  }
}
