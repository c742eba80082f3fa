package dev.kvpress.compare.run;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.Sample;
import dev.kvpress.compare.data.SampleRules;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** One comparison: all cells over all samples of a data file. */
public final class Comparison {
  // Steps are timed on a few samples only: they cost passes that serve nothing else.
  private static final int TIMED_SAMPLES = 3;

  private final RunSettings settings;
  private final List<CellPlan> cells;
  private final Progress progress;

  /** Prepares a comparison; the baseline must be among the cells. */
  public Comparison(RunSettings settings, List<CellPlan> cells, Progress progress) {
    this.settings = settings;
    this.cells = List.copyOf(cells);
    this.progress = progress;
  }

  /**
   * Runs it.
   *
   * @param tokenizer absent for models that run on token ids only
   * @throws dev.kvpress.compare.UsageException with everything in which methods, settings and data
   *     do not fit the model; nothing has run then
   */
  public List<CellOutcome> run(DecoderModel model, Optional<Tokenizer> tokenizer) {
    Problems problems = new Problems();
    for (CellPlan cell : cells) {
      try {
        model.requireSignals(cell.method(), cell.press().needs());
      } catch (ModelException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    Optional<List<Sample>> samples =
        problems
            .attempt(() -> rules(model))
            .flatMap(r -> problems.attempt(() -> read(tokenizer, r)));
    problems.throwIfAny();
    return settings.protocol() == Protocol.STREAMING
        ? new StreamingProtocol(model, settings.chunkSize())
            .run(cells, samples.orElseThrow(), progress)
        : new PrefillProtocol(model, settings.chunkSize(), TIMED_SAMPLES)
            .run(cells, samples.orElseThrow(), progress);
  }

  private SampleRules rules(DecoderModel model) {
    OptionalInt positions = model.info().maxPositions();
    return new SampleRules(
        model.info().vocabulary(), positions, settings.maxLength(), settings.contextTokens());
  }

  private List<Sample> read(Optional<Tokenizer> tokenizer, SampleRules rules) {
    EncodedDocuments documents =
        EncodedDocuments.encode(
            settings.data(), tokenizer, rules, settings.maxSamples().orElse(Integer.MAX_VALUE));
    documents.notices().forEach(progress::notice);
    // The prefill itself predicts the first continuation token; at least one more is needed.
    List<Sample> usable =
        documents.samples().stream().filter(sample -> sample.continuationLength() >= 2).toList();
    int passedOver = documents.samples().size() - usable.size();
    if (usable.isEmpty()) {
      throw new DataException(
          settings.data()
              + ": expected at least 2 continuation tokens behind the context, found 1 in every document; lower --context-tokens or give longer documents");
    }
    if (passedOver > 0) {
      progress.notice(
          "%s: %d %s only one continuation token and passed over"
              .formatted(
                  settings.data(),
                  passedOver,
                  passedOver == 1 ? "document has" : "documents have"));
    }
    return usable;
  }
}
