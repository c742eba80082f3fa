package dev.kvpress.compare.serve.http;

import dev.kvpress.compare.serve.answer.Faults;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.JsonText;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.http.HttpServletResponse;

/** Writes errors, the same way wherever they are found. */
final class ErrorAnswers {
  private static final int UNAUTHORIZED = 401;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;

  private ErrorAnswers() {}

  /** What an error says beside its body. */
  static void headers(ApiException error, HttpServletResponse response) {
    error
        .retryAfterSeconds()
        .ifPresent(seconds -> response.setHeader("Retry-After", String.valueOf(seconds)));
    if (error.status() == UNAUTHORIZED) {
      response.setHeader("WWW-Authenticate", "Bearer");
    }
  }

  /** Answers with an error. */
  static void write(ApiException error, Context context) {
    headers(error, context.res());
    context.status(error.status());
    context.contentType("application/json");
    context.result(JsonText.bytes(error.body()));
  }

  /** Answers with whatever was thrown. */
  static void write(Exception fault, Context context) {
    if (fault instanceof HttpResponseException routing) {
      write(routed(routing, context), context);
      return;
    }
    write(Faults.of(fault), context);
  }

  private static ApiException routed(HttpResponseException fault, Context context) {
    if (fault.getStatus() == NOT_ALLOWED) {
      String allowed = fault.getDetails().getOrDefault("availableMethods", "");
      context.header("Allow", allowed);
      return ApiException.of(
          NOT_ALLOWED,
          "method_not_allowed",
          "expected one of the methods %s, found %s"
              .formatted(allowed, JsonText.shortened(context.req().getMethod())));
    }
    if (fault.getStatus() == NOT_FOUND) {
      return ApiException.of(
          NOT_FOUND,
          "not_found",
          "there is nothing at %s; see docs/serve.md for what there is"
              .formatted(JsonText.shortened(context.path())));
    }
    return ApiException.of(fault.getStatus(), "http_" + fault.getStatus(), "cannot be answered");
  }
}
