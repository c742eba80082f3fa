package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Passes a text to learn how likely each of its tokens was, a piece at a time, over a cache that a
 * press cuts. Two protocols: a context is read and cut before the rest passes over what is left of
 * it; or the text passes token by token from the start, and the press is asked after each. Logits
 * of no more than a chunk are held at a time.
 *
 * <p>For one thread at a time.
 */
public final class ScoringPasses implements AutoCloseable {
  private final Predicted listener;
  private final int chunkSize;
  private final ModelPress press;
  private final PressCalls calls;
  private final Context context;
  private final int[] ids;
  private final Optional<PromptPasses> reading;
  private int passed;
  private long passNanos;
  private Optional<Account> account = Optional.empty();

  /**
   * What is to pass.
   *
   * @param ids of the text, at least one
   * @param contextTokens how many are read and cut first, more than there are for all; empty for
   *     token by token
   */
  public record Text(
      ImmutableIntArray ids, ModelPress press, Budget budget, OptionalInt contextTokens) {
    /** Checks the ranges. */
    public Text {
      checkArgument(!ids.isEmpty(), "a text must have at least one token");
      requireNonNull(press, "press is null");
      requireNonNull(budget, "budget is null");
      checkArgument(
          contextTokens.isEmpty() || contextTokens.getAsInt() >= 1,
          "context tokens must be at least 1, found %s",
          contextTokens);
      checkArgument(
          contextTokens.isPresent() || press.phases().contains(Phase.DECODE),
          "%s cuts at the end of a prefill only, so it cannot be asked after every token; say how many tokens are the context that it cuts",
          press.getClass().getSimpleName());
    }
  }

  /** Is told what was predicted. */
  @FunctionalInterface
  public interface Predicted {
    /**
     * Logits for a token of the text, valid during the call.
     *
     * @param index of the token that they predict, from 1
     * @param logits {@code [rows, V]}
     * @param row the one that is meant
     */
    void predicted(int index, Logits logits, int row);
  }

  /**
   * The cache behind the context; where there is none, at the end.
   *
   * @param seen tokens that had passed, over layers and KV heads
   * @param kept those of them in the cache
   * @param logicalBytes bytes of these
   * @param physicalBytes bytes that the cache took
   */
  public record Account(long seen, long kept, long logicalBytes, long physicalBytes) {}

  private ScoringPasses(DecoderModel model, Text text, int chunkSize, Predicted listener) {
    this.listener = listener;
    this.chunkSize = chunkSize;
    ids = text.ids().toArray();
    press = text.press();
    calls = new PressCalls(press, text.budget());
    context = model.start(1, press.needs());
    boolean done = false;
    try {
      reading = text.contextTokens().isPresent() ? reading(text.contextTokens()) : streaming();
      done = true;
    } finally {
      if (!done) {
        context.close();
      }
    }
  }

  private Optional<PromptPasses> reading(OptionalInt wanted) {
    // The last token predicts nothing.
    int tokens = Math.min(wanted.orElseThrow(), Math.max(1, ids.length - 1));
    context.allowFused(0);
    return Optional.of(context.scoredPrompt(Arrays.copyOf(ids, tokens), chunkSize, this::tell));
  }

  private Optional<PromptPasses> streaming() {
    press.cacheFormat().ifPresent(context::keepIn);
    return Optional.empty();
  }

  /**
   * Begins; nothing has passed yet.
   *
   * @param chunkSize tokens per pass, at least 1
   * @throws dev.kvpress.runtime.ModelException if the model cannot give what the press needs
   * @throws IllegalArgumentException if there are unknown ids, or too many for the model's
   *     positions
   * @throws IllegalStateException if the model is closed
   */
  public static ScoringPasses over(
      DecoderModel model, Text text, int chunkSize, Predicted listener) {
    require(model, text);
    return new ScoringPasses(model, text, chunkSize, listener);
  }

  /** Refuses what {@link #over} would refuse. */
  public static void require(DecoderModel model, Text text) {
    model.requireOpen();
    model.info().requireTokens(text.ids().toArray());
    int positions = model.info().maxPositions().orElse(Integer.MAX_VALUE);
    TokenGenerator.requirePositions(model, positions, text.ids().length(), "text");
    ModelPress press = text.press();
    model.requirePress(press.getClass().getSimpleName(), press, text.ids().length());
  }

  /** Whether all tokens that predict others have passed. */
  public boolean isDone() {
    return passed >= Math.max(1, ids.length - 1);
  }

  /**
   * Passes the next piece: a chunk, or one token where the press is asked after each.
   *
   * @throws IllegalStateException if the model was closed meanwhile
   */
  public void next() {
    long start = System.nanoTime();
    long before = calls.nanos() + calls.readingNanos();
    if (reading.isPresent() && !reading.get().isDone()) {
      read(reading.get());
    } else {
      goOn();
    }
    passNanos += System.nanoTime() - start - (calls.nanos() + calls.readingNanos() - before);
    if (isDone() && account.isEmpty()) {
      account = Optional.of(now());
    }
  }

  private void read(PromptPasses passes) {
    passes.next();
    if (passes.isDone()) {
      calls.compressPrompt(context);
      account = Optional.of(now());
    }
  }

  private void goOn() {
    int size = reading.isPresent() ? chunkSize : 1;
    int to = Math.min(ids.length - 1, passed + size);
    // A text of one token predicts nothing, and yet it passes.
    int[] piece = Arrays.copyOfRange(ids, passed, Math.max(to, passed + 1));
    Logits logits = context.forward(piece);
    if (reading.isPresent()) {
      calls.compressStep(context);
    } else {
      calls.compress(context);
    }
    tell(logits);
  }

  /** Tells what the tokens that come next in the text have predicted. */
  private void tell(Logits logits) {
    for (int row = 0; row < logits.rows(); row++) {
      passed++;
      if (passed < ids.length) {
        listener.predicted(passed, logits, row);
      }
    }
  }

  private Account now() {
    return new Account(
        context.seenTokens(),
        context.keptTokens(),
        context.logicalBytes(),
        context.physicalBytes());
  }

  /** The cache behind the context, once that has passed. */
  public Account account() {
    return account.orElseGet(() -> new Account(0, 0, 0, 0));
  }

  /** Tokens in the cache now, over layers and KV heads. */
  public long keptTokens() {
    return context.keptTokens();
  }

  /** Bytes that the cache takes now. */
  public long physicalBytes() {
    return context.physicalBytes();
  }

  /** Time of all passes so far. */
  public long passNanos() {
    return passNanos;
  }

  /** Time within the press and for its edits so far. */
  public long pressNanos() {
    return calls.nanos();
  }

  /** Time in which the press let the model read the context again. */
  public long readingNanos() {
    return calls.readingNanos();
  }

  /** Tokens that passed meanwhile. */
  public long readTokens() {
    return calls.readTokens();
  }

  /** Remarks of the press so far, each once. */
  public List<String> notices() {
    return calls.notices();
  }

  @Override
  public void close() {
    context.close();
  }
}
