package dev.kvpress.runtime.generate;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.decode.BatchRequest;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Ticket;
import dev.kvpress.runtime.decode.TokenResult;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** A context to be read and cut, behind which prompts will stand. */
final class ReadJob extends BatchJob {
  private final ImmutableIntArray ids;
  private final Compression compression;
  private volatile long endNanos;
  private final CompletableFuture<Ticket> outcome = new CompletableFuture<>();

  ReadJob(ImmutableIntArray ids, Compression compression) {
    super(Optional.empty(), Optional.empty());
    this.ids = ids;
    this.compression = compression;
  }

  /** The ticket of the batch, with its result and its context; the latter whoever waits closes. */
  CompletableFuture<Ticket> outcome() {
    return outcome;
  }

  /** What it has taken, once there is a result. */
  Usage usage(DecoderModel model, TokenResult result) {
    return new Usage(
        0,
        ids.length(),
        0,
        result.seenTokens(),
        result.keptTokens(),
        result.logicalBytes(),
        result.physicalBytes(),
        Usage.fullBytes(model, result.seenTokens()),
        result.finalKeptTokens(),
        Math.max(0, endNanos - result.prefillNanos() - result.pressNanos() - result.readingNanos()),
        result.prefillNanos(),
        result.pressNanos(),
        result.readingNanos(),
        result.readTokens(),
        endNanos,
        0);
  }

  @Override
  BatchRequest request() {
    return BatchRequest.reading(ids.toArray(), compression.press(), compression.budget());
  }

  @Override
  void settled(TokenResult result, Optional<Ticket> from) {
    endNanos = elapsedNanos();
    if (from.isPresent() && from.get().context().isPresent()) {
      outcome.complete(from.get());
    } else {
      outcome.completeExceptionally(
          new CancellationException("the context was given up before it was read"));
    }
  }

  @Override
  void failed(RuntimeException reason) {
    outcome.completeExceptionally(reason);
  }
}
