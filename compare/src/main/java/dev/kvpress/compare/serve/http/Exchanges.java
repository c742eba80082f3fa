package dev.kvpress.compare.serve.http;

import dev.kvpress.compare.serve.answer.Client;
import dev.kvpress.compare.serve.answer.Faults;
import dev.kvpress.compare.serve.wire.ApiException;
import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Has requests with a body answered: the body is read without a thread that waits for it, then one
 * of a bounded number of threads answers. Where all are busy the request is refused.
 */
final class Exchanges implements AutoCloseable {
  /** Bodies that are held at once, as many as of the longest. */
  private static final int LONGEST_BODIES = 8;

  /** Time that a slow client has for the last of an answer that is known. */
  private static final Duration LAST_WRITES = Duration.ofSeconds(60);

  /** A body may come slowly, but not for ever. */
  private static final int IDLE_TIMES_OF_BODY = 4;

  private static final long TOO_LONG = Duration.ofSeconds(1).toNanos();

  private static final int THREAD_SECONDS = 30;
  private static final int RETRY_SECONDS = 1;

  private final HttpOptions options;
  private final ClientWatch watch;
  private final ExecutorService workers;
  private final BodyBudget budget;
  private final Set<BodyReader> reading = ConcurrentHashMap.newKeySet();
  private final Set<Future<?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  /** Answers the body of a request. */
  interface Answerer {
    /**
     * Answers.
     *
     * @throws RuntimeException what went wrong before anything was sent
     */
    void answer(byte[] body, Client client);
  }

  Exchanges(HttpOptions options, ClientWatch watch) {
    this.options = options;
    this.watch = watch;
    this.budget = new BodyBudget(LONGEST_BODIES * options.maxBodyBytes());
    AtomicInteger number = new AtomicInteger();
    this.workers =
        new ThreadPoolExecutor(
            0,
            options.maxRequests(),
            THREAD_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, "kvpress-serve-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Answers a request some time, on a thread of its own. */
  void handle(Context context, Answerer answerer) {
    context.future(() -> begin(context, answerer));
  }

  private CompletableFuture<@Nullable Void> begin(Context context, Answerer answerer) {
    long deadline = System.nanoTime() + options.answerTime().toNanos();
    CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
    open.add(end);
    end.whenComplete((nothing, fault) -> open.remove(end));
    EndPoint connection = Request.getBaseRequest(context.req()).getHttpChannel().getEndPoint();
    BodyReader reader;
    try {
      reader = reader(context);
    } catch (UncheckedIOException e) {
      end.complete(null);
      throw e;
    }
    // A body that is too long is read on for a moment only, so that a client who sends all of it
    // before he reads is there to read the refusal.
    long time = reader.isTooLong() ? TOO_LONG : IDLE_TIMES_OF_BODY * options.idle().toNanos();
    Future<?> clock = watch.later(time, reader::expire);
    reading.add(reader);
    if (stopping) {
      reader.stop();
    }
    reader
        .body()
        .whenComplete(
            (body, fault) -> {
              clock.cancel(false);
              reading.remove(reader);
              Exchange exchange = new Exchange(context.res(), connection, deadline);
              if (body == null) {
                tell(exchange, context.res(), fault);
                end.complete(null);
                return;
              }
              try {
                workers.execute(
                    () -> {
                      run(exchange, context.res(), answerer, body);
                      reader.release();
                      end.complete(null);
                    });
              } catch (RejectedExecutionException e) {
                reader.release();
                tell(
                    exchange,
                    context.res(),
                    ApiException.busy("too many requests are being answered", RETRY_SECONDS));
                end.complete(null);
              }
            });
    return end;
  }

  private BodyReader reader(Context context) {
    try {
      return BodyReader.of(
          context.req().getInputStream(),
          context.req().getContentLengthLong(),
          options.maxBodyBytes(),
          budget);
    } catch (IOException e) {
      throw new UncheckedIOException("the body cannot be read", e);
    }
  }

  private void run(
      Exchange exchange, HttpServletResponse response, Answerer answerer, byte[] body) {
    long left = exchange.timeLeft().toNanos();
    Future<?> time = watch.later(left, () -> exchange.stop(Client.Stop.TIME));
    Future<?> last = watch.later(left + LAST_WRITES.toNanos(), exchange::abort);
    watch.add(exchange);
    try {
      answerer.answer(body, exchange);
      exchange.flush();
    } catch (Throwable e) {
      tell(exchange, response, e);
    } finally {
      exchange.tellOneWhoIsGone();
      watch.remove(exchange);
      exchange.end();
      time.cancel(false);
      last.cancel(false);
    }
  }

  /** Tells a fault: by status where nothing was sent, else as the last piece. */
  private static void tell(Exchange exchange, HttpServletResponse response, Throwable fault) {
    if (exchange.stop() == Client.Stop.GONE) {
      return;
    }
    ApiException told = Faults.of(fault);
    if (exchange.hasBegun()) {
      exchange.event(told.body());
      exchange.flush();
      return;
    }
    ErrorAnswers.headers(told, response);
    exchange.send(told.status(), told.body());
  }

  /** Whether no request is under way, be it that its body is read or its answer is sent. */
  boolean isQuiet() {
    return open.isEmpty();
  }

  /** Requests that are being answered. */
  int running() {
    return watch.running().size();
  }

  /** Ends whatever is being answered, with what there is of it. */
  void stopAll() {
    stopping = true;
    reading.forEach(BodyReader::stop);
    watch.running().forEach(exchange -> exchange.stop(Client.Stop.STOPPING));
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
