package dev.kvpress.compare.bench.serve;

import java.util.OptionalLong;

/**
 * How one streamed answer went.
 *
 * @param kind what became of it
 * @param detail the status code, the error, or how it ended
 * @param text all pieces joined
 * @param firstNanos from sending to the first piece of text, if there was one
 * @param gapNanos between pieces
 */
record StreamOutcome(
    Kind kind, String detail, String text, OptionalLong firstNanos, long[] gapNanos) {

  /** What became of a request. */
  enum Kind {
    /** Answered to the end. */
    DONE,
    /** The client went away, as planned. */
    LEFT,
    /** Refused for there are too many: 429. */
    BUSY,
    /** Another status, a broken stream, an error within the stream. */
    FAILED
  }

  static StreamOutcome without(Kind kind, String detail) {
    return new StreamOutcome(kind, detail, "", OptionalLong.empty(), new long[0]);
  }
}
