package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The passes of a prompt through an empty context, to be run one at a time. */
final class PromptPasses {
  private final Context context;
  private final TokenBlock prompt;
  private final int window;
  private final int[] sizes;
  private int index;
  private int from;
  private @Nullable Logits logits;

  PromptPasses(Context context, TokenBlock prompt, int chunkSize) {
    this.context = context;
    this.prompt = prompt;
    this.window = SignalTaps.window(context.observed());
    this.sizes = context.passPlan().ofPrompt(prompt.columns(), chunkSize, window);
  }

  boolean isDone() {
    return index == sizes.length;
  }

  /** Runs all passes that are left. */
  Logits run() {
    while (!isDone()) {
      next();
    }
    return logits();
  }

  /** Runs the next pass; the last one ends the step. */
  void next() {
    checkState(!isDone(), "all passes of the prompt have run");
    int size = sizes[index];
    Logits last =
        context.pass(
            prompt.columns(from, from + size),
            tap(size),
            index == 0,
            index == sizes.length - 1,
            prompt.validTokens(),
            prompt.columns());
    from += size;
    index++;
    if (isDone()) {
      context.prefilled(prompt.columns());
      logits = last;
    }
  }

  private TapRequest tap(int size) {
    Set<Signal> signals = context.observed();
    // Where tokens pass singly, the last queries are spread over the last passes.
    boolean inWindow = from + size > prompt.columns() - Math.max(1, window);
    TapRequest tap = SignalTaps.request(signals, inWindow).withLastLogits();
    // The cache of an unpadded prompt is even as long as nothing was evicted.
    return prompt.isPadded() ? tap : tap.withoutCacheBias();
  }

  /** Logits of the last token of each row {@code [B, V]}, once all passes have run. */
  Logits logits() {
    return requireNonNull(logits, "passes of the prompt are left");
  }
}
