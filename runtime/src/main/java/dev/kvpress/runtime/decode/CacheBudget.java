package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.BufferPool;
import java.util.function.LongSupplier;

/**
 * Which requests there is memory for. A prompt stands twice while it is read, since a pass writes
 * beside what it reads; a row is counted with all tokens that it may still get. What a press evicts
 * while decoding is not foreseen.
 */
final class CacheBudget {
  private final DecoderModel model;
  private final Lanes lanes;
  private final long bytes;

  CacheBudget(DecoderModel model, Lanes lanes, BatchOptions options) {
    this.model = model;
    this.lanes = lanes;
    this.bytes = options.cacheBytes().orElse(Long.MAX_VALUE);
  }

  /**
   * Refuses a request that could not be served if it were alone.
   *
   * @throws ModelException with the figures
   */
  void requireEver(BatchRequest request) {
    long reading = bytesOfReading(request);
    if (reading > bytes) {
      throw new ModelException(
          "a prompt of %d tokens takes %d bytes of keys and values while it is read, but the batch has %d; shorten it or raise the limit"
              .formatted(request.prompt().length(), reading, bytes));
    }
  }

  private long bytesOfReading(BatchRequest request) {
    return 2L * request.prompt().length() * model.cacheBytesPerToken();
  }

  /** Whether a prompt may be read beside the rows that run. */
  boolean admits(BatchRequest request) {
    return fits(() -> lanes.bytesAtMost() + bytesOfReading(request));
  }

  /**
   * Whether a row may join, whose prompt has been read.
   *
   * @throws ModelException with the figures if it never may
   */
  boolean admits(BatchRow row) {
    if (lanes.rows() > 0 && lanes.tensorBytesAtMostWith(row) > BufferPool.LARGEST) {
      return false;
    }
    if (fits(() -> lanes.bytesAtMostWith(row))) {
      return true;
    }
    if (lanes.rows() > 0) {
      return false;
    }
    throw new ModelException(
        "the press has kept %d of %d tokens, over layers and KV heads, and %d more tokens of text may follow; that takes %d bytes of keys and values with what a pass writes beside them, but the batch has %d; keep less, ask for fewer tokens or raise the limit"
            .formatted(
                row.context().keptTokens(),
                row.context().seenTokens(),
                row.answer().stepsLeft(),
                lanes.bytesAtMostWith(row),
                bytes));
  }

  private boolean fits(LongSupplier needed) {
    if (bytes == Long.MAX_VALUE || needed.getAsLong() <= bytes) {
      return true;
    }
    lanes.tidy();
    return needed.getAsLong() <= bytes;
  }
}
