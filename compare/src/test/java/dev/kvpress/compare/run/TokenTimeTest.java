package dev.kvpress.compare.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.compare.task.Answer;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenTimeTest {
  private static final int ENOUGH = 12;
  private static final long WHOLE = 1000;
  private static final long HALF = 500;

  private static CellOutcome cell(long bytes, StepTimes... samples) {
    PressCatalog catalog = PressCatalog.load();
    CellPlan plan =
        CellPlan.of(
                List.of(new CellPlan.Method("knorm", catalog.make("knorm"))),
                List.of(0.5),
                List.of())
            .get(0);
    return new CellOutcome(
        plan.facts(),
        Outcomes.PERPLEXITY,
        Arrays.stream(samples).map(times -> sample(bytes, times)).toList(),
        Optional.empty(),
        List.of());
  }

  private static SampleOutcome sample(long bytes, StepTimes times) {
    return new SampleOutcome(
        0,
        Answer.of(1, Map.of()),
        new CacheFigures(0.5, 0.5, bytes, bytes, 1, 1, times),
        1,
        1,
        Optional.empty(),
        List.of());
  }

  private static StepTimes turns(String group, double... nanos) {
    return new StepTimes(Arrays.stream(nanos).boxed().toList(), ENOUGH, group);
  }

  private static List<TokenTime> of(CellOutcome... cells) {
    return TokenTime.of(Arrays.stream(cells).map(TokenTime.Raw::of).toList()).stream()
        .map(Optional::orElseThrow)
        .toList();
  }

  @Test
  void methodsThatDifferByMoreThanTheirSpreadAreShownWithIt() {
    List<TokenTime> times =
        of(cell(WHOLE, turns("x", 118, 120, 122)), cell(HALF, turns("x", 80, 85, 86)));

    assertThat(times.get(0)).isEqualTo(new TokenTime(120, 2, ENOUGH, Optional.empty()));
    assertThat(times.get(1)).isEqualTo(new TokenTime(85, 3, ENOUGH, Optional.empty()));
  }

  @Test
  void methodsThatCannotBeToldApartAreLeftOut() {
    List<TokenTime> times = of(cell(WHOLE, turns("x", 80, 90)), cell(HALF, turns("x", 76, 86)));

    assertThat(times)
        .allSatisfy(
            time ->
                assertThat(time.leftOut())
                    .hasValueSatisfying(
                        why -> assertThat(why).contains("no method can be told from another")));
    assertThat(times.get(0).nanos()).isEqualTo(85);
    assertThat(times.get(0).spread()).isEqualTo(5);
  }

  @Test
  void whatTheSameWorkDiffersByIsChance() {
    // The turns of each are close together, but caches of one size took 85 and 103.
    List<TokenTime> times =
        of(
            cell(WHOLE, turns("x", 120, 121)),
            cell(HALF, turns("x", 85, 86)),
            cell(HALF, turns("x", 103, 104)));

    assertThat(times.get(0).spread()).isEqualTo(0.5);
    assertThat(times.get(1).spread()).isCloseTo(9, within(1e-9));
    assertThat(times.get(2).spread()).isCloseTo(9, within(1e-9));
  }

  @Test
  void noiseIsLeftOutAndTheOthersAreShown() {
    List<TokenTime> times =
        of(
            cell(WHOLE, turns("x", 50, 150)),
            cell(HALF, turns("x", 80, 81)),
            cell(1, turns("x", 60, 61)));

    assertThat(times.get(0).leftOut()).isPresent();
    assertThat(times.get(1).leftOut()).isEmpty();
    assertThat(times.get(2).leftOut()).isEmpty();
  }

  @Test
  void fewStepsAndSingleTurnsSayNothing() {
    assertThat(of(cell(WHOLE, new StepTimes(List.of(80.0, 81.0), 5, "x"))).get(0).leftOut())
        .hasValueSatisfying(why -> assertThat(why).contains("too few"));
    assertThat(of(cell(WHOLE, turns("x", 80))).get(0).leftOut()).isPresent();
    // One turn for each of two contexts: the contexts tell.
    assertThat(of(cell(WHOLE, turns("x", 80), turns("y", 84))).get(0))
        .isEqualTo(new TokenTime(82, 2, 2 * ENOUGH, Optional.empty()));
  }

  @Test
  void onlyWhatWasMeasuredInTurnIsHeldTogether() {
    // The second method joined later: what it has in common with the first is one context.
    List<TokenTime> common =
        of(
            cell(WHOLE, turns("x", 120, 121), turns("y", 10, 11)),
            cell(HALF, turns("x", 80, 81), turns("z", 990, 991)));
    assertThat(common.get(0).nanos()).isEqualTo(120.5);
    assertThat(common.get(1).nanos()).isEqualTo(80.5);

    List<TokenTime> apart = of(cell(WHOLE, turns("x", 120, 121)), cell(HALF, turns("y", 80, 81)));
    assertThat(apart)
        .allSatisfy(
            time ->
                assertThat(time.leftOut())
                    .hasValueSatisfying(
                        why -> assertThat(why).contains("not measured in turn", "--fresh")));
  }

  @Test
  void questionsAboutOneContextAreOneMeasurement() {
    assertThat(of(cell(WHOLE, turns("x", 80, 81), turns("x", 80, 81))).get(0).steps())
        .isEqualTo(ENOUGH);
  }

  @Test
  void whereNothingWasMeasuredThereIsNothing() {
    assertThat(TokenTime.of(List.of(TokenTime.Raw.of(cell(WHOLE, StepTimes.NONE)))))
        .containsExactly(Optional.empty());
  }
}
