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
   * of the method; returns the method's own time, ns.
   */
  long afterPrefill(Context context) {
    long nanos = cell.press().phases().contains(Phase.PREFILL) ? now(context) : 0;
    long start = System.nanoTime();
    keepInFormat(context);
    return nanos + System.nanoTime() - start;
  }

  /** Brings a cache into the format of the method, if it has one. */
  void keepInFormat(Context context) {
    cell.press().cacheFormat().ifPresent(context::keepIn);
  }

  /** Cuts wherever the context is; returns the press's own time, ns. */
  @CanIgnoreReturnValue
  long now(Context context) {
    EditSummary edit = context.compress(cell.press(), cell.budget());
    edit.notices().forEach(text -> remarks.accept(Remark.onFigures(cell.method() + ": " + text)));
    return edit.pressNanos();
  }

  /** What the cut has left of a context of so many tokens; times in nanoseconds. */
  CacheFigures figures(
      Context context, int tokens, long prefillNanos, long pressNanos, StepTimes steps) {
    return new CacheFigures(
        context.achievedRatio(),
        cell.requestedRatio(tokens),
        context.logicalBytes(),
        context.physicalBytes(),
        prefillNanos,
        pressNanos,
        steps);
  }
}
