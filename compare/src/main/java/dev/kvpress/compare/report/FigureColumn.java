package dev.kvpress.compare.report;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;

/** The figures of a cell in the order of the result files. */
enum FigureColumn {
  ACHIEVED_RATIO(f -> OptionalDouble.of(f.achievedRatio())),
  NLL(f -> OptionalDouble.of(f.nll())),
  NLL_COMPRESSED(f -> OptionalDouble.of(f.nllCompressed())),
  PERPLEXITY(f -> OptionalDouble.of(f.perplexity())),
  DELTA_NLL(Cell.Figures::deltaNll),
  KV_BYTES_LOGICAL(f -> OptionalDouble.of(f.kvBytesLogical())),
  KV_BYTES_PHYSICAL(f -> OptionalDouble.of(f.kvBytesPhysical())),
  PREFILL_MS(f -> OptionalDouble.of(f.prefillMs())),
  PRESS_MS(f -> OptionalDouble.of(f.pressMs())),
  TPOT_MS(Cell.Figures::tpotMs),
  SAMPLES(f -> OptionalDouble.of(f.samples())),
  TOKENS(f -> OptionalDouble.of(f.tokens()));

  private final Function<Cell.Figures, OptionalDouble> value;

  FigureColumn(Function<Cell.Figures, OptionalDouble> value) {
    this.value = value;
  }

  /** Name in files. */
  String field() {
    return name().toLowerCase(Locale.ROOT);
  }

  OptionalDouble of(Cell.Figures figures) {
    return value.apply(figures);
  }

  /** Whether the figure is a count, written without a fraction. */
  boolean isCount() {
    return this == SAMPLES || this == TOKENS;
  }

  /** The figure as text, empty if absent. */
  String text(Cell.Figures figures) {
    OptionalDouble figure = of(figures);
    if (figure.isEmpty()) {
      return "";
    }
    double number = figure.getAsDouble();
    return isCount() ? String.valueOf((long) number) : String.valueOf(number);
  }
}
