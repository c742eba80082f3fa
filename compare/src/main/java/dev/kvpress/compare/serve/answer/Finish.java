package dev.kvpress.compare.serve.answer;

import dev.kvpress.runtime.generate.FinishReason;
import java.util.Locale;

/** Why an answer ends, in OpenAI's words and in ours. */
final class Finish {
  /** There is no more of it than was allowed. */
  static final String LENGTH = "length";

  private Finish() {}

  /** {@code stop} or {@code length}. */
  static String word(FinishReason reason) {
    return switch (reason) {
      case END_TOKEN, STOP -> "stop";
      case MAX_TOKENS, MAX_POSITIONS, TIME_LIMIT, CANCELLED -> LENGTH;
    };
  }

  /** The reason itself, for instance {@code time_limit}. */
  static String detail(FinishReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }
}
