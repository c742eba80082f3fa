package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Lets the model read further tokens on forks of a context, which share its memory until a pass
 * writes, and counts what that costs.
 */
final class ContextReader implements Reader {
  /** Tokens of a pass: few enough that their signals are small beside the cache. */
  static final int PART = 256;

  private final DecoderModel model;
  private final Context context;
  private long nanos;
  private long tokens;
  private int furthest;

  /** Nothing is read or checked yet. */
  ContextReader(DecoderModel model, Context context) {
    this.model = model;
    this.context = context;
  }

  /** Time of the passes so far, without what the press has made of them. */
  long nanos() {
    return nanos;
  }

  /** Tokens that have passed so far. */
  long tokens() {
    return tokens;
  }

  /** Counts tokens that somebody else has let pass behind the context, up to a position. */
  void passed(int count, int end, long took) {
    nanos += took;
    tokens += count;
    furthest = Math.max(furthest, end);
  }

  /** A remark where the model was led beyond the positions that it was made for. */
  Optional<String> notice() {
    OptionalInt most = model.info().maxPositions();
    return most.isEmpty() || furthest <= most.getAsInt()
        ? Optional.empty()
        : Optional.of(
            "the context was read again up to position %d, beyond the %d that model %s was made for, where its attention may mean little; take a smaller chunk_size or a shorter context"
                .formatted(furthest, most.getAsInt(), model.info().name()));
  }

  @Override
  public ImmutableIntArray context() {
    requireWhole();
    return context.ids();
  }

  @Override
  public int prefixTokens() {
    return model.prompts().frame().prefixTokens(context());
  }

  @Override
  public ImmutableIntArray suffix() {
    return model.prompts().frame().suffix();
  }

  @Override
  public ImmutableIntArray encode(String text) {
    return model.prompts().frame().encode(text);
  }

  @Override
  public void read(ImmutableIntArray ids, Set<Signal> signals, Listener listener) {
    requireWhole();
    checkArgument(!ids.isEmpty(), "there must be at least one token to read");
    int[] all = ids.toArray();
    model.info().requireTokens(all);
    TapRequest tap = SignalTaps.request(signals, true).withLastLogits().withoutCacheBias();
    try (Context fork = context.forkObserving(signals)) {
      fork.allowFused(Math.addExact(fork.tokensSeen(), all.length));
      TokenBlock block = TokenBlock.of(List.of(all));
      int[] end = {fork.nextPosition(0) + all.length};
      requirePositions(end[0]);
      furthest = Math.max(furthest, end[0]);
      int from = 0;
      for (int size : fork.passPlan().ofReading(all.length, PART)) {
        long start = System.nanoTime();
        fork.pass(block.columns(from, from + size), tap, true, false, end, size);
        nanos += System.nanoTime() - start;
        tokens += size;
        listener.passed(
            LayerCache.signals(
                model, fork.layers(), Phase.DECODE, size, fork.tokensSeen(), fork.standing()),
            from,
            from + size);
        from += size;
      }
    }
  }

  /**
   * A rotation goes on beyond the positions that a model was made for; a table of them does not.
   */
  private void requirePositions(int end) {
    int most = model.info().maxPositions().orElse(Integer.MAX_VALUE);
    if (end > most && model.refusal(new Signal.Rotary()).isPresent()) {
      throw new ModelException(
          "a press that reads the context again needs %d positions, but model %s has %d; take a smaller chunk_size or a shorter context"
              .formatted(end, model.info().name(), most));
    }
  }

  private void requireWhole() {
    if (!context.isOneRowOf(model)) {
      throw new ModelException(
          "a press that reads the context again takes one row; press rows one by one, as a batch of requests does");
    }
    if (context.ids().contains(TrainedTokens.NO_ID)) {
      throw new ModelException(
          "a press that reads the context again needs a text, but trained tokens stand in the cache; press it once");
    }
    long gone = context.seenTokens() - context.keptTokens();
    if (gone > 0) {
      throw new ModelException(
          "a press that reads the context again needs all of it, but %d keys and values are gone from the cache; press it once, before any other"
              .formatted(gone));
    }
  }
}
