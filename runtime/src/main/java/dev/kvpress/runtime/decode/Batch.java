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
 * Ticket} tells why. A pass of several rows that fails in the engine ends these rows, and an {@link
 * Error} closes the batch.
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
   * @throws ModelException if there could never be memory for it, or its press keeps the cache in
   *     fewer bits
   * @throws IllegalArgumentException if the prompt has unknown ids, or is longer than the model has
   *     positions
   */
  public Ticket submit(BatchRequest request) {
    requireNonNull(request, "request is null");
    model.info().requireTokens(request.prompt().toArray());
    int positions = model.info().maxPositions().orElse(Integer.MAX_VALUE);
    TokenGenerator.requirePositions(model, positions, request.prompt().length(), "prompt");
    budget.requireEver(request);
    return enqueue(request, Optional.empty());
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
    requireNonNull(request, "request is null");
    checkArgument(
        context.isOneRowOf(model),
        "expected a context of one row of model %s at true positions",
        model.info().name());
    return enqueue(request, Optional.of(new Ticket.Read(context, last)));
  }

  private Ticket enqueue(BatchRequest request, Optional<Ticket.Read> read) {
    boolean packed = read.map(one -> one.context().cacheFormat().isPresent()).orElse(false);
    if (packed || request.press().cacheFormat().isPresent()) {
      throw new ModelException(
          "rows of a batch keep their caches in full, but %s has one in fewer bits; generate it by itself"
              .formatted(
                  packed ? "the context" : "press " + request.press().getClass().getSimpleName()));
    }
    synchronized (inbox) {
      checkState(!closed, "the batch is closed");
      Ticket ticket = new Ticket(handedOver++, request, read);
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
      letCancelledGo();
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

  private void letCancelledGo() {
    synchronized (inbox) {
      waiting.stream().filter(Ticket::isCancelled).forEach(Ticket::abandon);
      waiting.removeIf(Ticket::isCancelled);
    }
    if (arrival != null && arrival.ticket().isCancelled()) {
      endArrival();
    }
    for (Lane lane : lanes.used()) {
      for (BatchRow row : List.copyOf(lane.rows())) {
        if (row.ticket().isCancelled()) {
          end(lane, row);
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
      if (read(reading)) {
        endArrival();
      } else if (reading.row().isPresent() && budget.admits(reading.row().get())) {
        lanes.join(reading.row().get());
        // Its context is the row's from here on.
        arrival = null;
      }
    } catch (RuntimeException e) {
      reading.ticket().fail(e);
      endArrival();
    }
  }

  /** Reads a chunk if one is left; whether the answer has already ended. */
  private static boolean read(Arrival reading) {
    if (!reading.isRead()) {
      reading.next();
    }
    return reading.isRead() && reading.row().isEmpty() && isEnded(reading.cut());
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
        if (next.read().isEmpty() && !budget.admits(next.request())) {
          return null;
        }
        Arrival first = new Arrival(model, next, options.chunkSize());
        leaveQueue();
        return first;
      } catch (RuntimeException e) {
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
    } catch (RuntimeException e) {
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
      if (isEnded(row)) {
        end(lane, row);
      }
    } catch (RuntimeException e) {
      fail(lane, row, e);
    }
  }

  /** Tells the chosen token. */
  private static boolean isEnded(BatchRow row) {
    Optional<StopReason> reason = row.answer().tell();
    reason.ifPresent(end -> row.ticket().complete(row.answer().result(end)));
    return reason.isPresent();
  }

  private void fail(Lane lane, BatchRow row, RuntimeException reason) {
    row.ticket().fail(reason);
    end(lane, row);
  }

  private void end(Lane lane, BatchRow row) {
    lanes.leave(lane, row);
    row.context().close();
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
        end(lane, row);
      }
    }
    lanes.close();
  }
}
