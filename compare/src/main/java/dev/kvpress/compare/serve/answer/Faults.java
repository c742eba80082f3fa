package dev.kvpress.compare.serve.answer;

import com.google.common.base.Throwables;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.generate.BusyException;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what goes wrong into what a client is told: no path, no trace, no name of a class. */
public final class Faults {
  private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

  // Whose classes nobody but one package of the runtime may name.
  private static final String ENGINE = "ai.onnxruntime.";
  private static final int RETRY_SECONDS = 1;
  private static final int BAD_REQUEST = 400;

  // A path from the root on, of which only the last part is told.
  private static final Pattern PATH =
      Pattern.compile("(?<![\\w.:/])(?:[A-Za-z]:)?[/\\\\](?:[^\\s/\\\\'\":,;]+[/\\\\])+");

  private Faults() {}

  /** What is answered where something was thrown. */
  public static ApiException of(Throwable fault) {
    if (fault instanceof ApiException known) {
      return known;
    }
    if (fault instanceof BusyException) {
      return ApiException.busy(
          "too many answers are waited for already; ask again later", RETRY_SECONDS);
    }
    boolean refused = fault instanceof IllegalArgumentException || fault instanceof ModelException;
    if (refused && !isOfTheEngine(fault)) {
      String message = plain(fault);
      return ApiException.of(BAD_REQUEST, code(message), message);
    }
    return numbered(fault);
  }

  /** A fault of the program: the log tells it, under the number that the client is told. */
  public static ApiException numbered(Throwable fault) {
    String number = String.format(Locale.ROOT, "%08x", ThreadLocalRandom.current().nextInt());
    LOG.error("request failed ({})", number, fault);
    return ApiException.internal(number);
  }

  /**
   * Runs what may find that a field cannot be as it is, which is then refused by its name.
   *
   * @param param the field that whatever is refused stands in
   */
  static <T> T about(String param, Supplier<T> work) {
    try {
      return work.get();
    } catch (IllegalArgumentException e) {
      if (isOfTheEngine(e)) {
        throw e;
      }
      String message = plain(e);
      throw ApiException.refused(param, code(message), message);
    }
  }

  private static String code(String message) {
    return message.contains("positions") ? "context_length_exceeded" : "invalid_value";
  }

  /** Whether a pass through the model has failed, which no request can be blamed for. */
  private static boolean isOfTheEngine(Throwable fault) {
    return Throwables.getCausalChain(fault).stream()
        .anyMatch(cause -> cause.getClass().getName().startsWith(ENGINE));
  }

  /** A message in one line, without where files lie. */
  public static String plain(Throwable fault) {
    String message = String.valueOf(fault.getMessage());
    return PATH.matcher(message.replaceAll("\\s*\\R\\s*", " ")).replaceAll("");
  }
}
