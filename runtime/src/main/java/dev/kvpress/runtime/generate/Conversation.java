package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.text.chat.ChatFrame;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;

/**
 * A conversation whose cache goes on from turn to turn: what was said and answered is never read
 * again. With a {@code CachePolicy} it is compressed again whenever it has grown beyond a bound.
 * One turn at a time; a second one waits for the first.
 *
 * <p>A turn counts as a whole or not at all. One that was given up, or whose time has run out, is
 * part of the conversation with the answer so far, unless no token of that was written; such a one
 * and one that has failed are undone. The answer of a turn that a stop string has ended is part of
 * it up to there; it alone is read again, with the next turn. So is an answer before which the
 * template writes white space, once more is said, that the model has not written.
 */
public final class Conversation implements AutoCloseable {
  private final Generator generator;
  private final PromptEncoder encoder;
  private final ChatFrame frame;
  private final OpenCaches open;
  private final ConversationOptions options;
  private final Semaphore turns = new Semaphore(1);
  private State state;
  private Optional<Generating> running = Optional.empty();
  private boolean closed;

  /**
   * What was said, and its cache.
   *
   * @param messages all of them
   * @param cache what has passed; empty before the first answer
   * @param pending tokens of the last answer that have not passed yet
   * @param turn number of the next turn
   */
  record State(
      ImmutableList<ChatMessage> messages,
      Optional<Context> cache,
      ImmutableIntArray pending,
      int turn) {}

  Conversation(
      Generator generator,
      PromptEncoder encoder,
      OpenCaches open,
      List<ChatMessage> before,
      ConversationOptions options) {
    this(
        generator,
        encoder,
        open,
        new State(ImmutableList.copyOf(before), Optional.empty(), ImmutableIntArray.of(), 0),
        options);
  }

  private Conversation(
      Generator generator,
      PromptEncoder encoder,
      OpenCaches open,
      State state,
      ConversationOptions options) {
    this.generator = generator;
    this.encoder = encoder;
    this.frame = encoder.frame();
    this.open = open;
    this.state = state;
    this.options = options;
    count();
  }

  /** Says something and waits for the answer, which becomes part of the conversation. */
  public Generation say(ChatMessage message) {
    return say(message, GenerationListener.NONE).join();
  }

  /**
   * The same without waiting for the answer; only for the turn before, if that runs still.
   *
   * @throws IllegalArgumentException if the template writes earlier turns otherwise than they were
   *     written, so that no more can follow them on their cache
   * @throws CancellationException if the thread is interrupted while it waits
   * @throws IllegalStateException if the conversation is closed
   * @throws RuntimeException as {@link Generator#start}
   */
  public Generating say(ChatMessage message, GenerationListener listener) {
    requireNonNull(message, "message is null");
    awaitTurn();
    boolean begun = false;
    try {
      Generating next = begin(message, requireNonNull(listener, "listener is null"));
      begun = true;
      return next;
    } finally {
      if (!begun) {
        turns.release();
      }
    }
  }

  private synchronized Generating begin(ChatMessage message, GenerationListener listener) {
    requireOpen();
    generator.requireOpen();
    long begun = System.nanoTime();
    State now = state;
    ImmutableList<ChatMessage> asked =
        ImmutableList.<ChatMessage>builder().addAll(now.messages()).add(message).build();
    ImmutableIntArray ids =
        now.cache().isPresent() ? further(now, message) : encoder.fragment(frame.asked(asked));
    ConversationTurn turn = new ConversationTurn(this, encoder, now, asked);
    TextOrder order =
        generator
            .orders()
            .ofTurn(now.cache().map(Context::ids).orElse(ImmutableIntArray.of()), ids, turn);
    Generating next = generator.submit(order, begun, now.cache().map(Context::fork), listener);
    running = Optional.of(next);
    return next;
  }

  /** What is left of the last answer, what ends it, and what is said next. */
  private ImmutableIntArray further(State now, ChatMessage message) {
    int last = now.messages().size() - 1;
    String behind =
        frame.behindAnswer(
            now.messages().subList(0, last), now.messages().get(last).content(), List.of(message));
    return ImmutableIntArray.builder()
        .addAll(now.pending())
        .addAll(encoder.fragment(behind))
        .build();
  }

  private void awaitTurn() {
    if (turns.tryAcquire()) {
      return;
    }
    checkState(
        !generator.scheduler().isDriver(),
        "a listener waits for the turn before, but it is called by the thread that generates that; hand the work to another thread");
    try {
      turns.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException given =
          new CancellationException("interrupted while waiting for the turn before");
      given.initCause(e);
      throw given;
    }
  }

  /** A turn is over; what was said is as given. */
  synchronized void advance(State next) {
    Optional<Context> before = state.cache();
    state = next;
    before.ifPresent(Context::close);
    if (closed) {
      next.cache().ifPresent(Context::close);
    } else {
      count();
    }
  }

  /** A turn is over, whatever has become of it. */
  void turnEnded() {
    turns.release();
  }

  ConversationOptions options() {
    return options;
  }

  private void count() {
    state.cache().ifPresent(cache -> open.opened(this, cache.physicalBytes()));
  }

  /**
   * Another conversation that goes on from here; waits for a turn that runs.
   *
   * @throws IllegalStateException if the conversation is closed
   */
  public Conversation fork() {
    awaitTurn();
    try {
      synchronized (this) {
        requireOpen();
        State now = state;
        State copy =
            new State(now.messages(), now.cache().map(Context::fork), now.pending(), now.turn());
        return new Conversation(generator, encoder, open, copy, options);
      }
    } finally {
      turns.release();
    }
  }

  /** What was said and answered so far, up to the last turn that is over. */
  public synchronized List<ChatMessage> messages() {
    return state.messages();
  }

  /** Tokens in the cache, over layers and KV heads; 0 before the first answer. */
  public synchronized long keptTokens() {
    requireOpen();
    return state.cache().map(Context::keptTokens).orElse(0L);
  }

  /** Bytes of the keys and values of these. */
  public synchronized long logicalBytes() {
    requireOpen();
    return state.cache().map(Context::logicalBytes).orElse(0L);
  }

  private void requireOpen() {
    checkState(!closed, "the conversation is closed; begin another one");
  }

  /** Gives up a turn that runs, and the memory. Closing twice does nothing more. */
  @Override
  public void close() {
    Optional<Generating> given;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      open.closed(this);
      state.cache().ifPresent(Context::close);
      given = running;
    }
    given.ifPresent(Generating::cancel);
  }
}
