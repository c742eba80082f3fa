package dev.kvpress.runtime.decode;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** When the press of an answer is asked, and what that has cost. */
final class PressCalls {
  private final ModelPress press;
  private final Budget budget;
  private final Set<String> notices = new LinkedHashSet<>();
  private long nanos;
  private long readingNanos;
  private long readTokens;

  PressCalls(ModelPress press, Budget budget) {
    this.press = press;
    this.budget = budget;
  }

  /** Calls for a fork of the cache that these have cut. */
  PressCalls fork() {
    PressCalls copy = new PressCalls(press, budget);
    copy.notices.addAll(notices);
    copy.nanos = nanos;
    copy.readingNanos = readingNanos;
    copy.readTokens = readTokens;
    return copy;
  }

  /**
   * Cuts the prompt's cache and brings it into the format that comes with the press. A press that
   * is not asked again needs no more signals, and without signals the pass may go through the fused
   * graph in place.
   */
  void compressPrompt(Context context) {
    if (press.phases().contains(Phase.PREFILL)) {
      compress(context);
    }
    press.cacheFormat().ifPresent(format -> keepIn(context, format));
    observeNoMoreThanNeeded(context);
  }

  /**
   * A press that is not asked again needs no more signals; any graph that gives the rest will do.
   */
  void observeNoMoreThanNeeded(Context context) {
    if (!press.evictsWhileDecoding()) {
      context.stopObserving();
    }
    context.allowFused(0);
  }

  /** Asks a press that evicts while decoding to cut what the last step has added. */
  void compressStep(Context context) {
    if (press.evictsWhileDecoding()) {
      compress(context);
    }
  }

  private void keepIn(Context context, CacheFormat format) {
    long start = System.nanoTime();
    context.keepIn(format);
    nanos += System.nanoTime() - start;
  }

  /** Asks the press, whatever kind it is. */
  void compress(Context context) {
    EditSummary done = context.compress(press, budget);
    nanos += done.pressNanos() + done.editNanos();
    readingNanos += done.readingNanos();
    readTokens += done.readTokens();
    notices.addAll(done.notices());
  }

  /** Time within the press and for its edits so far, without reading again. */
  long nanos() {
    return nanos;
  }

  /** Time of passes in which the context was read again. */
  long readingNanos() {
    return readingNanos;
  }

  /** Tokens that passed in these. */
  long readTokens() {
    return readTokens;
  }

  /** Remarks of the press so far, each once. */
  List<String> notices() {
    return List.copyOf(notices);
  }
}
