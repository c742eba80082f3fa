package dev.kvpress.compare.serve.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.answer.Client;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.JsonText;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * One request that is being answered. One thread writes the answer; others may look whether the
 * client is there, and stop the work.
 */
final class Exchange implements Client {
  private static final int OK = 200;
  private static final int GATEWAY_TIMEOUT = 504;
  private static final int UNAVAILABLE = 503;
  // As proxies log it; HTTP has no status for those who do not wait.
  private static final int CLIENT_CLOSED = 499;
  // OpenAI's clients read a line at a time; nothing is gained by larger writes.
  private static final int WRITE_AT = 1 << 14;
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
  private static final byte[] END_OF_EVENT = "\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] COMMENT = ": waiting\n\n".getBytes(StandardCharsets.UTF_8);

  private final HttpServletResponse response;
  private final EndPoint connection;
  private final long deadline;
  private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
  private final ByteBuffer oneByte = BufferUtil.allocate(1);

  // Guarded by this.
  private final List<Runnable> stoppers = new ArrayList<>();
  private Stop stop = Stop.NONE;
  private @Nullable Thread waiter;
  private boolean watched = true;

  private boolean begun;
  private volatile boolean aborted;

  /**
   * A request whose body has been read.
   *
   * @param deadline of {@link System#nanoTime}, when its answer must be known
   */
  Exchange(HttpServletResponse response, EndPoint connection, long deadline) {
    this.response = response;
    this.connection = connection;
    this.deadline = deadline;
  }

  /** Whether the client is still there; called again and again by one thread. */
  synchronized void look() {
    if (!watched || stop == Stop.GONE) {
      return;
    }
    try {
      int bytes = connection.isOpen() ? connection.fill(oneByte) : -1;
      if (bytes < 0) {
        stop(Stop.GONE);
      } else if (bytes > 0) {
        // The beginning of a further request, which came before it was its turn. It is lost, so
        // the connection ends behind this answer and the client asks again on another.
        watched = false;
        if (connection.getConnection() instanceof HttpConnection http) {
          http.getGenerator().setPersistent(false);
        }
      }
    } catch (IOException e) {
      stop(Stop.GONE);
    }
  }

  /** Nobody looks any more; what comes next on the connection belongs to a further request. */
  synchronized void end() {
    watched = false;
    stoppers.clear();
  }

  /** The work for this client ends early. */
  void stop(Stop why) {
    List<Runnable> actions;
    synchronized (this) {
      if (stop == Stop.GONE || (stop != Stop.NONE && why != Stop.GONE)) {
        return;
      }
      stop = why;
      actions = why == Stop.TIME ? List.of() : List.copyOf(stoppers);
      if (waiter != null) {
        waiter.interrupt();
      }
    }
    actions.forEach(Runnable::run);
  }

  /** Gives the connection up, whatever is being written to it. */
  void abort() {
    aborted = true;
    stop(Stop.GONE);
    connection.close();
  }

  @Override
  public synchronized Stop stop() {
    return stop;
  }

  @Override
  public void whenStopped(Runnable action) {
    synchronized (this) {
      stoppers.add(action);
      if (stop == Stop.NONE || stop == Stop.TIME) {
        return;
      }
    }
    action.run();
  }

  @Override
  public Duration timeLeft() {
    long left = deadline - System.nanoTime();
    return Duration.ofNanos(Math.max(left, Duration.ofMillis(1).toNanos()));
  }

  @Override
  public <T> T waitFor(Supplier<T> work) {
    synchronized (this) {
      requireGoingOn();
      waiter = Thread.currentThread();
    }
    try {
      return work.get();
    } catch (CancellationException e) {
      synchronized (this) {
        requireGoingOn();
      }
      throw e;
    } finally {
      synchronized (this) {
        waiter = null;
        // An interrupt that came too late is meant for this work alone.
        Thread.interrupted();
      }
    }
  }

  private void requireGoingOn() {
    if (stop == Stop.TIME) {
      throw ApiException.of(
          GATEWAY_TIMEOUT, "time_limit", "the time of the answer was over before it was known");
    }
    if (stop != Stop.NONE) {
      throw stopping();
    }
  }

  /** What is told where the server stops before anything is known. */
  static ApiException stopping() {
    return ApiException.of(UNAVAILABLE, "server_stopping", "the server stops");
  }

  @Override
  public void send(ObjectNode answer) {
    send(OK, answer);
  }

  /**
   * Says that nothing more comes to a client who has closed his side of the connection. Whoever has
   * closed all of it does not hear it; whoever has closed his sending half only, and reads on,
   * would else take an answer that was given up for a fault, or for a whole one.
   */
  void tellOneWhoIsGone() {
    if (stop() != Stop.GONE || aborted) {
      return;
    }
    ObjectNode told =
        ApiException.of(
                CLIENT_CLOSED,
                "client_closed_request",
                "the client closed its sending half of the connection before the answer was there, which counts as going away; keep it open until then")
            .body();
    waiting.reset();
    if (response.isCommitted()) {
      event(told);
      put(waiting.toByteArray());
      return;
    }
    put(whole(CLIENT_CLOSED, told));
  }

  /** Sends the whole answer with a status. */
  void send(int status, JsonNode answer) {
    if (stop() != Stop.GONE) {
      write(whole(status, answer));
    }
  }

  private byte[] whole(int status, JsonNode answer) {
    byte[] bytes = JsonText.bytes(answer);
    begun = true;
    // Whoever has all of an answer may ask again at once, and what comes then is a request.
    end();
    response.setStatus(status);
    response.setContentType("application/json");
    response.setContentLength(bytes.length);
    return bytes;
  }

  @Override
  public boolean hasBegun() {
    return begun;
  }

  private void begin() {
    if (begun) {
      return;
    }
    begun = true;
    response.setStatus(OK);
    response.setContentType("text/event-stream");
    // Proxies hold answers back otherwise.
    response.setHeader("X-Accel-Buffering", "no");
  }

  @Override
  public void event(JsonNode piece) {
    begin();
    waiting.writeBytes(DATA);
    waiting.writeBytes(JsonText.bytes(piece));
    waiting.writeBytes(END_OF_EVENT);
    if (waiting.size() >= WRITE_AT) {
      flush();
    }
  }

  @Override
  public void heartbeat() {
    begin();
    waiting.writeBytes(COMMENT);
  }

  @Override
  public void done() {
    waiting.writeBytes(DONE);
    end();
    flush();
  }

  @Override
  public void flush() {
    if (waiting.size() > 0) {
      byte[] bytes = waiting.toByteArray();
      waiting.reset();
      write(bytes);
    }
  }

  private void write(byte[] bytes) {
    if (stop() != Stop.GONE) {
      put(bytes);
    }
  }

  private void put(byte[] bytes) {
    try {
      response.getOutputStream().write(bytes);
      response.getOutputStream().flush();
    } catch (IOException | RuntimeException e) {
      // Closed, or nothing was taken for too long.
      abort();
    }
  }
}
