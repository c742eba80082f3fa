package dev.kvpress.compare.run;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.kvpress.presses.Phase;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.EditSummary;
import java.util.function.Consumer;

/**
 * What a method does to a context: the cut at the end of the prefill, and those while decoding.
 *
 * @param remarks takes what the press has to say: it did otherwise than asked, which touches
 *     figures
 */
record Cutting(CellPlan cell, Consumer<Remark> remarks) {

  /**
   * Cuts at the end of the prefill, if the press works there, and brings the cache into the format
   * of the method.
   */
  PressCost afterPrefill(Context context) {
    PressCost cost = cell.press().phases().contains(Phase.PREFILL) ? now(context) : PressCost.NONE;
    long start = System.nanoTime();
    keepInFormat(context);
    return cost.plusPress(System.nanoTime() - start);
  }

  /** Brings a cache into the format of the method, if it has one. */
  void keepInFormat(Context context) {
    cell.press().cacheFormat().ifPresent(context::keepIn);
  }

  /** Cuts wherever the context is. */
  @CanIgnoreReturnValue
  PressCost now(Context context) {
    EditSummary edit = context.compress(cell.press(), cell.budget());
    edit.notices().forEach(text -> remarks.accept(Remark.onFigures(cell.method() + ": " + text)));
    return PressCost.of(edit);
  }

  /** What the cut has left of a context of so many tokens; times in nanoseconds. */
  CacheFigures figures(
      Context context, int tokens, long prefillNanos, PressCost press, StepTimes steps) {
    return new CacheFigures(
        context.achievedRatio(),
        cell.requestedRatio(tokens),
        context.logicalBytes(),
        context.physicalBytes(),
        prefillNanos,
        press.nanos(),
        steps,
        press.secondPass());
  }
}
