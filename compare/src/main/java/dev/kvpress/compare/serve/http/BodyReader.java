package dev.kvpress.compare.serve.http;

import dev.kvpress.compare.serve.wire.ApiException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.BadMessageException;

/**
 * Takes the body of a request as it comes, so that no thread waits for a slow one. A body that is
 * too long is read on for a while without being kept, since a client that still sends does not see
 * an answer.
 */
final class BodyReader implements ReadListener {
  private static final int BAD_REQUEST = 400;
  private static final int TIMEOUT = 408;
  private static final int TOO_LARGE = 413;

  private final ServletInputStream in;
  private final long mostBytes;
  private final BodyBudget budget;
  private final boolean tooLong;
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private final byte[] buffer = new byte[1 << 13];
  private long read;
  private long counted;

  private BodyReader(ServletInputStream in, long declaredBytes, long mostBytes, BodyBudget budget) {
    this.in = in;
    this.tooLong = declaredBytes > mostBytes;
    this.mostBytes = mostBytes;
    this.budget = budget;
  }

  /**
   * Begins to read.
   *
   * @param declaredBytes how many there are to be, as the client says; negative where he does not
   */
  static BodyReader of(
      ServletInputStream in, long declaredBytes, long mostBytes, BodyBudget budget) {
    BodyReader reader = new BodyReader(in, declaredBytes, mostBytes, budget);
    in.setReadListener(reader);
    return reader;
  }

  /** The body, once it is there; fails with an {@link ApiException}. */
  CompletableFuture<byte[]> body() {
    return body;
  }

  /** Whether the client has said that more will come than is taken. */
  boolean isTooLong() {
    return tooLong;
  }

  /** The time for the body is over. */
  void expire() {
    fail(late());
  }

  /** The server stops before the body is there. */
  void stop() {
    fail(Exchange.stopping());
  }

  /** Lets go of the bytes. */
  void release() {
    synchronized (this) {
      budget.giveBack(counted);
      counted = 0;
    }
  }

  private static ApiException slow() {
    return ApiException.of(TIMEOUT, "request_timeout", "the body did not come in time");
  }

  /** What came too late would not have been taken where it was too long. */
  private ApiException late() {
    return tooLong ? refusal() : slow();
  }

  private ApiException refusal() {
    return ApiException.of(
        TOO_LARGE,
        "request_too_large",
        "expected a body of at most %d bytes, found more".formatted(mostBytes));
  }

  private synchronized void fail(ApiException reason) {
    if (body.completeExceptionally(reason)) {
      release();
    }
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (in.isReady() && !in.isFinished()) {
      int length = in.read(buffer);
      if (length > 0) {
        take(length);
      }
    }
  }

  private synchronized void take(int length) {
    read += length;
    if (body.isDone()) {
      return;
    }
    if (read > 2 * mostBytes) {
      fail(refusal());
    } else if (read <= mostBytes) {
      if (!budget.take(length)) {
        fail(ApiException.busy("too many large requests at once; ask again later", 1));
        return;
      }
      counted += length;
      taken.write(buffer, 0, length);
    }
  }

  @Override
  public void onAllDataRead() {
    if (read > mostBytes) {
      fail(refusal());
    } else {
      body.complete(taken.toByteArray());
    }
  }

  @Override
  public void onError(Throwable reason) {
    boolean timedOut =
        reason instanceof TimeoutException
            || reason.getCause() instanceof TimeoutException
            || (reason instanceof BadMessageException bad && bad.getCode() == TIMEOUT);
    fail(
        timedOut
            ? late()
            : ApiException.of(BAD_REQUEST, "invalid_body", "the body was cut off or malformed"));
  }
}
