package dev.kvpress.compare.serve.wire;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered with an error, in the form that clients of OpenAI's interface read.
 */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int BAD_REQUEST = 400;
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY = 429;
  private static final int INTERNAL = 500;
  private static final String INVALID = "invalid_request_error";

  private final int status;
  private final String type;
  private final @Nullable String param;
  private final String code;
  private final int retryAfterSeconds;

  private ApiException(
      int status,
      String type,
      @Nullable String param,
      String code,
      String message,
      int retryAfterSeconds) {
    super(requireNonNull(message, "message is null"));
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** A fault of the caller's with a status and a code of its own. */
  public static ApiException of(int status, String code, String message) {
    return new ApiException(
        status, status < INTERNAL ? INVALID : "server_error", null, code, message, 0);
  }

  /** A field that cannot be as it is. */
  public static ApiException field(String name, String message) {
    return new ApiException(BAD_REQUEST, INVALID, name, "invalid_value", message, 0);
  }

  /** A field that cannot be as it is, with a code of its own. */
  public static ApiException refused(String name, String code, String message) {
    return new ApiException(BAD_REQUEST, INVALID, name, code, message, 0);
  }

  /** A field that is not served. */
  public static ApiException unsupported(String name, String message) {
    return new ApiException(BAD_REQUEST, INVALID, name, "unsupported_parameter", message, 0);
  }

  /** A body that cannot be read at all. */
  public static ApiException body(String message) {
    return new ApiException(BAD_REQUEST, INVALID, null, "invalid_body", message, 0);
  }

  /** Something of a name that is not there. */
  public static ApiException notFound(String name, String code, String message) {
    return new ApiException(NOT_FOUND, INVALID, name, code, message, 0);
  }

  /** Too much at once; later it may go. */
  public static ApiException busy(String message, int retryAfterSeconds) {
    return new ApiException(
        TOO_MANY, "requests", null, "rate_limit_exceeded", message, retryAfterSeconds);
  }

  /** A fault of the program, which is found in the log by its number. */
  public static ApiException internal(String number) {
    return of(
        INTERNAL, "internal_error", "the server has failed; its log tells why under " + number);
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** OpenAI's code, a word. */
  public String code() {
    return code;
  }

  /** The field that is meant, where one is. */
  public Optional<String> param() {
    return Optional.ofNullable(param);
  }

  /** After how many seconds it is worth to try again; empty where that changes nothing. */
  public OptionalInt retryAfterSeconds() {
    return retryAfterSeconds > 0 ? OptionalInt.of(retryAfterSeconds) : OptionalInt.empty();
  }

  /** What is answered: {@code {"error": {message, type, param, code}}}. */
  public ObjectNode body() {
    ObjectNode error = JsonText.object();
    error.put("message", getMessage());
    error.put("type", type);
    error.put("param", param);
    error.put("code", code);
    return JsonText.object().set("error", error);
  }
}
