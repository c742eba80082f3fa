package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.PressMatrix;
import dev.kvpress.presses.testing.PressMatrix.Pair;
import dev.kvpress.presses.testing.PressRun;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.presses.testing.SyntheticLayer.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every wrapper around every press: made and true to its contract, or refused by name. */
class PressMatrixTest {
  private static final PressMatrix MATRIX =
      new PressMatrix(PressCatalog.load(), SyntheticLayer.LAYERS);
  private static final List<Pair> OF_SCORERS = MATRIX.around(MATRIX.scorers());
  private static final List<Pair> OF_OTHERS = MATRIX.around(others());
  private static final Shape MHA = new Shape(2, 3, 1, 60, 8);
  private static final Shape GQA = new Shape(1, 2, 3, 60, 8);

  /** What gives no scores: rules, and each wrapper in each form around knorm and h2o. */
  private static List<NamedPress> others() {
    List<NamedPress> others = new ArrayList<>(MATRIX.plain());
    others.removeAll(MATRIX.scorers());
    List<NamedPress> wrapped =
        MATRIX.scorers().stream()
            .filter(press -> List.of("knorm", "h2o").contains(press.spec().name()))
            .toList();
    MATRIX.around(wrapped).forEach(pair -> pair.made().ifPresent(others::add));
    return others;
  }

  static Stream<Pair> made() {
    return Stream.concat(OF_SCORERS.stream(), OF_OTHERS.stream())
        .filter(pair -> pair.made().isPresent());
  }

  @ParameterizedTest
  @MethodSource("made")
  void keepsTheContractInPrefillAndDecoding(Pair pair) {
    for (Shape shape : List.of(MHA, GQA)) {
      ModelPress press = pair.made().orElseThrow().press();
      PressRun.check(press, SyntheticLayer.random(shape.suiting(press), 21));
    }
  }

  @Test
  void refusesNoScorerWithoutAReason() {
    for (Pair pair : OF_SCORERS) {
      assertThat(pair.made().isPresent())
          .as("%s: %s", pair.spec(), pair.refusal())
          .isEqualTo(makesSense(pair, (ScorerPress) pair.inner().press()));
    }
  }

  private static boolean makesSense(Pair pair, ScorerPress scorer) {
    boolean own = scorer.budgetKind() == BudgetKind.OWN;
    boolean decodes = scorer.phases().contains(Phase.DECODE);
    boolean goesOn = scorer.evictsWhileDecoding();
    boolean byLayer = scorer.leaves() == CacheShape.BY_LAYER;
    return switch (pair.wrapper()) {
      case "chunk", "chunkkv", "block", "composed" -> !goesOn;
      case "key_rerotation" -> !goesOn && !byLayer;
      case "per_layer" -> !goesOn && !byLayer && !own;
      case "lukv" -> !byLayer;
      case "quantized" -> scorer.cacheFormat().isEmpty();
      case "decoding", "compression_ratio_decoding", "cam" -> decodes && !own;
      case "prefill_decoding" ->
          switch (pair.form()) {
            case "prefill_decoding(INNER,decoding(knorm))" -> true;
            case "prefill_decoding(knorm,INNER)" -> goesOn;
            default -> decodes && !own;
          };
      case "dms" ->
          !own
              && !scorer.scoresByBudget()
              && (pair.form().contains("decoding=true")
                  ? scorer.scoreTiming() != ScorerPress.ScoreTiming.CONTEXT
                  : !goesOn);
      default -> true;
    };
  }

  @Test
  void refusesByNameWithReasonAndAdvice() {
    List<Pair> refused =
        Stream.concat(OF_SCORERS.stream(), OF_OTHERS.stream())
            .filter(pair -> pair.made().isEmpty())
            .toList();
    assertThat(refused).isNotEmpty();
    for (Pair pair : refused) {
      assertThat(pair.refusal()).as(pair.spec()).contains(pair.inner().spec().name());
      assertThat(pair.refusal()).as(pair.spec()).contains("; ").hasLineCount(1);
      assertThat(pair.refusal()).as(pair.spec()).containsAnyOf(pair.wrapper(), "decoding");
    }
  }

  @Test
  void takesInEveryPressOfTheCatalogue() {
    List<String> names =
        PressCatalog.load().descriptors().stream().map(line -> line.name()).sorted().toList();
    assertThat(
            Stream.concat(
                    MATRIX.plain().stream().map(press -> press.spec().name()),
                    MATRIX.wrappers().stream())
                .distinct()
                .sorted())
        .isEqualTo(names);
  }
}
