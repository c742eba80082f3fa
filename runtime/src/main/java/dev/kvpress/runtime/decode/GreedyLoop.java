package dev.kvpress.runtime.decode;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/** Decodes one row of a context token by token, always the most likely one. */
final class GreedyLoop {
  private final DecoderModel model;
  private final ModelPress press;
  private final Budget budget;
  private final Set<String> notices = new LinkedHashSet<>();
  private long pressNanos;

  GreedyLoop(DecoderModel model, ModelPress press, Budget budget) {
    this.model = model;
    this.press = press;
    this.budget = budget;
  }

  /** A loop for a fork of the cache that this one has cut. */
  GreedyLoop fork() {
    GreedyLoop copy = new GreedyLoop(model, press, budget);
    copy.notices.addAll(notices);
    copy.pressNanos = pressNanos;
    return copy;
  }

  /**
   * Cuts the prompt's cache. A press that is not asked again needs no more signals, and without
   * signals the pass may go through the fused graph in place.
   */
  void compressPrompt(Context context) {
    if (press.phases().contains(Phase.PREFILL)) {
      compress(context);
    }
    if (!press.evictsWhileDecoding()) {
      context.stopObserving().allowFused(0);
    }
  }

  /** Asks a press that evicts while decoding to cut what the last step has added. */
  void compressStep(Context context) {
    if (press.evictsWhileDecoding()) {
      compress(context);
    }
  }

  private void compress(Context context) {
    EditSummary done = context.compress(press, budget);
    pressNanos += done.pressNanos() + done.editNanos();
    notices.addAll(done.notices());
  }

  /** Positions that are left for further tokens. */
  static int positionsLeft(DecoderModel model, Context context) {
    int end = model.info().maxPositions().orElse(Integer.MAX_VALUE);
    return end - context.nextPosition(0);
  }

  /**
   * Goes on until something ends it.
   *
   * @param last logits of the last token that has passed
   * @param isEnd whether a token ends the text
   * @param onToken is told each new token as soon as it is known
   */
  GenerationResult run(
      Context context,
      Logits last,
      int maxNewTokens,
      long prefillNanos,
      IntPredicate isEnd,
      IntConsumer onToken) {
    long seen = context.seenTokens();
    long kept = context.keptTokens();
    long logical = context.logicalBytes();
    long physical = context.physicalBytes();
    long promptPressNanos = pressNanos;
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    ImmutableLongArray.Builder steps = ImmutableLongArray.builder();
    int next = last.argmax(last.rows() - 1);
    int count = 0;
    StopReason reason;
    while (true) {
      if (isEnd.test(next)) {
        reason = StopReason.END_TOKEN;
        break;
      }
      ids.add(next);
      onToken.accept(next);
      count++;
      if (count == maxNewTokens) {
        reason = StopReason.MAX_NEW_TOKENS;
        break;
      }
      if (positionsLeft(model, context) < 1) {
        reason = StopReason.MAX_POSITIONS;
        break;
      }
      long start = System.nanoTime();
      next = context.forward(next).argmax(0);
      compressStep(context);
      steps.add(System.nanoTime() - start);
    }
    return new GenerationResult(
        ids.build(),
        reason,
        prefillNanos,
        promptPressNanos,
        steps.build(),
        seen,
        kept,
        logical,
        physical,
        context.keptTokens(),
        notices.stream().toList());
  }
}
