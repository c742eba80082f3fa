package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.ModelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Generates for several requests at once, which come and go between steps, each with a press, a
 * budget and a choice of tokens of its own. A row gives what it would give alone, to rounding.
 *
 * <p>A step reads at most one chunk of the prompt that is next in turn, then gives every running
 * row a token, so that nobody waits for a long prompt. Requests are taken in the order in which
 * they came.
 *
 * <p>A request that cannot be served, or whose press or listener fails, ends alone; its {@link
 * Ticket} tells why; so does one whose press or listener throws an {@link Error}. A pass of several
 * rows that fails in the engine ends these rows.
 *
 * <p>Requests may be handed over and given up from any thread. One thread at a time drives the
 * batch; other threads may use the model meanwhile, with contexts and batches of their own.
 */
public final class Batch implements AutoCloseable {
  private final DecoderModel model;
  private final BatchOptions options;
  private final Lanes lanes;
  private final CacheBudget budget;
  private final Object inbox = new Object();
  private final Deque<Ticket> waiting = new ArrayDeque<>();
  private final AtomicReference<@Nullable Thread> driver = new AtomicReference<>();
  private long handedOver;
  private @Nullable Arrival arrival;
  private boolean closed;

  private Batch(DecoderModel model, BatchOptions options) {
    this.model = model;
    this.options = options;
    lanes = new Lanes(model, options);
    budget = new CacheBudget(model, lanes, options);
  }

  /**
   * A batch without requests on a model, which stays the caller's to close. A graph of somebody
   * else is first tried, once, on rows of a few tokens.
   */
  public static Batch over(DecoderModel model, BatchOptions options) {
    return new Batch(
        requireNonNull(model, "model is null"), requireNonNull(options, "options is null"));
  }

  /**
   * Hands a request over; it is served by steps to come.
   *
   * @throws IllegalStateException if the batch is closed
   * @throws ModelException if there could never be memory for it
   * @throws IllegalArgumentException if the prompt has unknown ids, or is longer than the model has
   *     positions
   */
  public Ticket submit(BatchRequest request) {
    requireNonNull(request, "request is null");
    require(request, Optional.empty());
    return enqueue(request, Optional.empty());
  }

  /**
   * Refuses what {@link #submit} and {@link #goOn} would refuse.
   *
   * @param before behind what the prompt stands
   */
  public void require(BatchRequest request, Optional<Context> before) {
    model.info().requireTokens(request.prompt().toArray());
    int positions = model.info().maxPositions().orElse(Integer.MAX_VALUE);
    int left = before.map(context -> Answer.positionsLeft(model, context)).orElse(positions);
    TokenGenerator.requirePositions(model, left, request.prompt().length(), "prompt");
    budget.requireEver(request);
  }

  /**
   * Hands a request over whose prompt has passed already, for instance a fork of a context that
   * answers several questions. Its press is asked only if it evicts while decoding.
   *
   * @param request with the tokens that have passed as its prompt
   * @param context of this model, one row; the batch's from here on, which closes it
   * @param last logits of the last token that has passed
   * @throws IllegalStateException if the batch is closed
   */
  public Ticket join(BatchRequest request, Context context, Logits last) {
    return enqueue(request, Optional.of(begun(context, Optional.of(last))));
  }

  /**
   * Hands a request over whose prompt stands behind what a context holds. Its press is asked only
   * if it evicts while decoding, after each chunk of the prompt too.
   *
   * @param context of this model, one row; the batch's from here on, which closes it unless the
   *     request keeps it. If the request is refused, it stays the caller's
   * @throws IllegalStateException if the batch is closed
   * @throws ModelException if there could never be memory for it
   * @throws IllegalArgumentException if the prompt has unknown ids, or the model has no positions
   *     left for it
   */
  public Ticket goOn(BatchRequest request, Context context) {
    Ticket.Begun begun = begun(context, Optional.empty());
    require(request, Optional.of(context));
    return enqueue(request, Optional.of(begun));
  }

  private Ticket.Begun begun(Context context, Optional<Logits> last) {
    checkArgument(
        context.isRowOf(model), "expected a context of one row of model %s", model.info().name());
    return new Ticket.Begun(context, last);
  }

  private Ticket enqueue(BatchRequest request, Optional<Ticket.Begun> begun) {
    requireNonNull(request, "request is null");
    synchronized (inbox) {
      checkState(!closed, "the batch is closed");
      Ticket ticket = new Ticket(handedOver++, request, begun);
      waiting.add(ticket);
      return ticket;
    }
  }

  /** Requests that wait for their turn. */
  public int waiting() {
    synchronized (inbox) {
      return waiting.size();
    }
  }

  /** Steps until nothing is left to do. */
  public void run() {
    while (step()) {
      continue;
    }
  }

  /**
   * Reads at most one chunk of a prompt and gives every running row a token.
   *
   * @return whether anything is left to do
   * @throws IllegalStateException if the batch is closed, or is being driven already
   */
  public boolean step() {
    drive();
    boolean done = false;
    try {
      synchronized (inbox) {
        checkState(!closed, "the batch is closed");
      }
      letUnwantedGo();
      letArrive();
      lanes.used().forEach(this::decode);
      done = true;
      return arrival != null || lanes.rows() > 0 || waiting() > 0;
    } finally {
      if (!done) {
        letAllGo();
      }
      driver.set(null);
    }
  }

  private void drive() {
    Thread other = driver.compareAndExchange(null, Thread.currentThread());
    checkState(other == null, "the batch is being driven by %s", other);
  }

  private void letUnwantedGo() {
    synchronized (inbox) {
      for (Ticket ticket : waiting) {
        if (ticket.isUnwanted()) {
          ticket.complete(TokenResult.beforeAnswer());
          ticket.abandon();
        }
      }
      waiting.removeIf(Ticket::isUnwanted);
    }
    if (arrival != null && arrival.ticket().isUnwanted()) {
      arrival.ticket().complete(arrival.stopped());
      endArrival();
    }
    for (Lane lane : lanes.used()) {
      for (BatchRow row : List.copyOf(lane.rows())) {
        if (row.ticket().isUnwanted()) {
          end(lane, row, Optional.of(StopReason.STOPPED));
        }
      }
    }
  }

  /** Those whose prompts have passed join at once; of a prompt to be read one chunk passes. */
  private void letArrive() {
    boolean goesOn = true;
    while (goesOn) {
      if (arrival == null) {
        arrival = nextInTurn();
      }
      Arrival first = arrival;
      boolean isRead = first != null && first.isRead();
      if (first != null) {
        letArrive(first);
      }
      goesOn = isRead && arrival == null;
    }
  }

  private void letArrive(Arrival reading) {
    try {
      Optional<StopReason> end = read(reading);
      if (end.isPresent()) {
        leaveArrival(reading, end.get());
      } else if (reading.row().isPresent() && budget.admits(reading.row().get())) {
        lanes.join(reading.row().get());
        // Its context is the row's from here on.
        arrival = null;
      }
    } catch (RuntimeException | Error e) {
      reading.ticket().fail(e);
      endArrival();
    }
  }

  /** Reads a chunk if one is left; a reason where nothing more is to come behind the prompt. */
  private static Optional<StopReason> read(Arrival reading) {
    if (!reading.isRead()) {
      reading.next();
    }
    if (!reading.isRead() || reading.row().isPresent()) {
      return Optional.empty();
    }
    BatchRow row = reading.cut();
    return reading.readsOnly() ? Optional.of(StopReason.MAX_NEW_TOKENS) : row.answer().tell();
  }

  private void leaveArrival(Arrival reading, StopReason reason) {
    BatchRow row = reading.row().orElseThrow();
    TokenResult result = row.answer().result(reason);
    if (reading.ticket().complete(result, row.context(), Optional.of(reading.logits()))) {
      // The context is the caller's now.
      arrival = null;
    } else {
      endArrival();
    }
  }

  private @Nullable Arrival nextInTurn() {
    while (lanes.rows() < options.mostRows()) {
      Ticket next;
      synchronized (inbox) {
        next = waiting.peek();
      }
      if (next == null) {
        return null;
      }
      try {
        if (next.begun().isEmpty() && !budget.admits(next.request())) {
          return null;
        }
        Arrival first = new Arrival(model, next, options.chunkSize());
        leaveQueue();
        return first;
      } catch (RuntimeException | Error e) {
        leaveQueue();
        next.fail(e);
        next.abandon();
      }
    }
    return null;
  }

  private void leaveQueue() {
    synchronized (inbox) {
      waiting.remove();
    }
  }

  private void endArrival() {
    if (arrival != null) {
      arrival.close();
      arrival = null;
    }
  }

  private void decode(Lane lane) {
    long start = System.nanoTime();
    List<BatchRow> rows = new ArrayList<>(lane.rows());
    List<Lane.RowLogits> logits;
    try {
      logits = lane.pass();
    } catch (RuntimeException | Error e) {
      rows.forEach(row -> fail(lane, row, e));
      return;
    }
    for (int r = 0; r < rows.size(); r++) {
      goOn(lane, rows.get(r), logits.get(r), start);
    }
  }

  private void goOn(Lane lane, BatchRow row, Lane.RowLogits logits, long start) {
    try {
      Answer answer = row.answer();
      answer.choose(logits.logits(), logits.row());
      answer.cut();
      lane.edited(row);
      answer.stepped(System.nanoTime() - start);
      Optional<StopReason> end = answer.tell();
      if (end.isPresent()) {
        end(lane, row, end);
      }
    } catch (RuntimeException | Error e) {
      fail(lane, row, e);
    }
  }

  private void fail(Lane lane, BatchRow row, Throwable reason) {
    row.ticket().fail(reason);
    end(lane, row, Optional.empty());
  }

  /** Lets a row go, with a result where there is one. */
  private void end(Lane lane, BatchRow row, Optional<StopReason> reason) {
    Optional<TokenResult> result = reason.map(row.answer()::result);
    lanes.leave(lane, row);
    boolean kept =
        result.isPresent() && row.ticket().complete(result.get(), row.context(), Optional.empty());
    if (!kept) {
      row.context().close();
    }
  }

  /** Bytes that keys and values take now, padding and spare room included. */
  public long cacheBytes() {
    return lanes.physicalBytes() + (arrival == null ? 0 : arrival.physicalBytes());
  }

  /**
   * Gives up what is left and gives the memory back; closing twice does nothing more.
   *
   * @throws IllegalStateException if the batch is being driven
   */
  @Override
  public void close() {
    drive();
    try {
      letAllGo();
    } finally {
      driver.set(null);
    }
  }

  private void letAllGo() {
    synchronized (inbox) {
      closed = true;
      waiting.forEach(Ticket::abandon);
      waiting.clear();
    }
    if (arrival != null) {
      arrival.ticket().cancel();
      endArrival();
    }
    for (Lane lane : lanes.used()) {
      for (BatchRow row : List.copyOf(lane.rows())) {
        row.ticket().cancel();
        end(lane, row, Optional.empty());
      }
    }
    lanes.close();
  }
}
