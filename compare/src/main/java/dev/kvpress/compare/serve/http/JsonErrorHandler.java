package dev.kvpress.compare.serve.http;

import dev.kvpress.compare.serve.answer.Faults;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.JsonText;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.ErrorHandler;

/** Tells the errors that are found below all routes, as a bad request line, in JSON too. */
final class JsonErrorHandler extends ErrorHandler {
  private static final int INTERNAL = 500;

  private static final Map<Integer, String> MESSAGES =
      Map.of(
          400, "the request is no HTTP/1.1 that can be read",
          404, "there is nothing of that name",
          405, "the method is not served here",
          408, "the request did not come in time",
          413, "the request is too large",
          414, "the address is too long",
          431, "the headers are too long");

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  public void handle(
      String target, Request baseRequest, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    int status = response.getStatus();
    byte[] bytes = status < INTERNAL ? body(status) : fault(request);
    response.setContentType("application/json");
    response.setContentLength(bytes.length);
    response.setHeader("Cache-Control", "no-store");
    response.getOutputStream().write(bytes);
    baseRequest.setHandled(true);
  }

  @Override
  public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
    fields.put(HttpHeader.CONTENT_TYPE, "application/json");
    fields.put(HttpHeader.CACHE_CONTROL, "no-store");
    return ByteBuffer.wrap(body(status));
  }

  /** A fault that no route has caught; the log tells it under a number, as it tells theirs. */
  private static byte[] fault(HttpServletRequest request) {
    Object thrown = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
    Throwable cause =
        thrown instanceof Throwable known
            ? known
            : new IllegalStateException("the request ended without an answer");
    return JsonText.bytes(Faults.numbered(cause).body());
  }

  private static byte[] body(int status) {
    String message = MESSAGES.getOrDefault(status, "the request cannot be answered");
    return JsonText.bytes(
        ApiException.of(status, String.format(Locale.ROOT, "http_%d", status), message).body());
  }
}
