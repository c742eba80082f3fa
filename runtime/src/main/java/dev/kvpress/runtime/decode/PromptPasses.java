package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The passes of a prompt through an empty context, to be run one at a time. */
final class PromptPasses {
  private final Context context;
  private final TokenBlock prompt;
  private final int window;
  private final int[] sizes;
  private final Optional<Consumer<Logits>> listener;
  private int index;
  private int from;
  private @Nullable Logits logits;

  PromptPasses(Context context, TokenBlock prompt, int chunkSize) {
    this(context, prompt, chunkSize, Optional.empty());
  }

  /**
   * The same of one row.
   *
   * @param listener is told the logits of every token {@code [Q, V]}, pass by pass
   */
  PromptPasses(Context context, TokenBlock prompt, int chunkSize, Consumer<Logits> listener) {
    this(context, prompt, chunkSize, Optional.of(listener));
  }

  private PromptPasses(
      Context context, TokenBlock prompt, int chunkSize, Optional<Consumer<Logits>> listener) {
    this.context = context;
    this.prompt = prompt;
    this.window = SignalTaps.window(context.observed());
    this.listener = listener;
    PassPlan plan = context.passPlan();
    this.sizes =
        listener.isPresent()
            ? plan.ofScoredPrompt(prompt.columns(), chunkSize, window)
            : plan.ofPrompt(prompt.columns(), chunkSize, window);
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
            listener.isPresent() || index == sizes.length - 1,
            prompt.validTokens(),
            prompt.columns());
    from += size;
    index++;
    listener.ifPresent(told -> told.accept(requireNonNull(last)));
    if (isDone()) {
      context.prefilled(prompt.columns());
      logits = last;
    }
  }

  private TapRequest tap(int size) {
    Set<Signal> signals = context.observed();
    // Where tokens pass singly, the last queries are spread over the last passes.
    boolean inWindow = from + size > prompt.columns() - Math.max(1, window);
    TapRequest request = SignalTaps.request(signals, inWindow);
    TapRequest tap = listener.isPresent() ? request : request.withLastLogits();
    // The cache of an unpadded prompt is even as long as nothing was evicted.
    return prompt.isPadded() ? tap : tap.withoutCacheBias();
  }

  /** Logits of the last token of each row {@code [B, V]}, once all passes have run. */
  Logits logits() {
    return requireNonNull(logits, "passes of the prompt are left");
  }
}
