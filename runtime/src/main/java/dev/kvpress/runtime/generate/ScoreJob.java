package dev.kvpress.runtime.generate;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.decode.Batch;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.decode.ScoringPasses;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A text whose tokens are scored, a piece at a time. */
final class ScoreJob extends Job {
  private final DecoderModel model;
  private final ScoringPasses.Text text;
  private final int chunkSize;
  private final TokenScorer scorer;
  private final int[] offsets;
  private final List<TokenScore> scores = new ArrayList<>();
  private final CompletableFuture<PromptScores> outcome = new CompletableFuture<>();
  private @Nullable ScoringPasses passes;
  private long waitNanos;
  private long firstNanos;

  ScoreJob(
      DecoderModel model,
      ScoringPasses.Text text,
      int chunkSize,
      Tokenizer tokenizer,
      int alternatives) {
    super(Optional.empty());
    this.model = model;
    this.text = text;
    this.chunkSize = chunkSize;
    scorer = new TokenScorer(tokenizer, alternatives);
    offsets = TokenScorer.offsets(tokenizer, text.ids().toArray());
    scores.add(scorer.unscored(text.ids().get(0), offsets[0]));
  }

  CompletableFuture<PromptScores> outcome() {
    return outcome;
  }

  @Override
  void begin(Batch batch) {
    waitNanos = elapsedNanos();
    passes = ScoringPasses.over(model, text, chunkSize, this::predicted);
  }

  private void predicted(int index, Logits logits, int row) {
    if (firstNanos == 0) {
      firstNanos = elapsedNanos();
    }
    scores.add(scorer.score(text.ids().get(index), logits, row, offsets[index]));
  }

  @Override
  boolean step() {
    if (asked().isPresent()) {
      dismiss();
      return true;
    }
    ScoringPasses running = passes;
    if (running == null) {
      return false;
    }
    running.next();
    if (running.isDone()) {
      PromptScores done = new PromptScores(scores, usage(running), running.notices());
      close();
      outcome.complete(done);
    }
    return true;
  }

  private Usage usage(ScoringPasses done) {
    ImmutableIntArray ids = text.ids();
    ScoringPasses.Account account = done.account();
    return new Usage(
        0,
        ids.length(),
        0,
        account.seen(),
        account.kept(),
        account.logicalBytes(),
        account.physicalBytes(),
        Usage.fullBytes(model, account.seen()),
        done.keptTokens(),
        waitNanos,
        done.passNanos(),
        done.pressNanos(),
        done.readingNanos(),
        done.readTokens(),
        firstNanos,
        0);
  }

  @Override
  boolean isDone() {
    return outcome.isDone();
  }

  @Override
  void dismiss() {
    fail(new CancellationException("the scores were given up before all tokens had passed"));
  }

  @Override
  void fail(RuntimeException reason) {
    close();
    outcome.completeExceptionally(reason);
  }

  private void close() {
    if (passes != null) {
      passes.close();
      passes = null;
    }
  }

  @Override
  long cacheBytes() {
    return passes == null ? 0 : passes.physicalBytes();
  }
}
