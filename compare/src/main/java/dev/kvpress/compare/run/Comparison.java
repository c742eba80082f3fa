package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.Problems;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.Sample;
import dev.kvpress.compare.data.SampleRules;
import dev.kvpress.compare.report.Cell;
import dev.kvpress.compare.report.SampleResult;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** One comparison: all cells over all samples of all data files. */
public final class Comparison {
  // Steps are timed on a few samples only: they cost passes that serve nothing else.
  private static final int TIMED_SAMPLES = 3;

  private final RunSettings settings;
  private final Sweep sweep;
  private final Progress progress;
  private final Consumer<String> notices;

  /**
   * What came out.
   *
   * @param cells in the order of the sweep, data file by data file
   * @param samples of the cells that did not fail
   */
  public record Result(List<Cell> cells, List<SampleResult> samples) {
    /** Takes copies. */
    public Result {
      cells = ImmutableList.copyOf(cells);
      samples = ImmutableList.copyOf(samples);
    }
  }

  /**
   * Prepares a comparison.
   *
   * @param notices takes remarks for the user, one line each
   */
  public Comparison(
      RunSettings settings, Sweep sweep, Progress progress, Consumer<String> notices) {
    this.settings = settings;
    this.sweep = sweep;
    this.progress = progress;
    this.notices = notices;
  }

  /**
   * Runs it.
   *
   * @param tokenizer absent for models that run on token ids only
   * @throws dev.kvpress.compare.UsageException if the settings do not fit the model
   */
  public Result run(DecoderModel model, Optional<Tokenizer> tokenizer) {
    Problems problems = new Problems();
    sweep.requireSignals(model, problems);
    Optional<SampleRules> rules =
        problems.attempt(
            () ->
                new SampleRules(
                    model.info().vocabulary(),
                    model.info().maxPositions(),
                    settings.maxLength(),
                    settings.contextTokens()));
    Map<Path, List<Sample>> samples = new LinkedHashMap<>();
    if (rules.isPresent()) {
      for (Path file : settings.data()) {
        problems
            .attempt(() -> samples(file, tokenizer, rules.get()))
            .ifPresent(own -> samples.put(file, own));
      }
    }
    problems.throwIfAny();
    SampleProtocol protocol = protocol(model);
    List<Cell> cells = new ArrayList<>();
    List<SampleResult> results = new ArrayList<>();
    samples.forEach((file, own) -> compare(protocol, label(file), own, cells, results));
    return new Result(cells, results);
  }

  private SampleProtocol protocol(DecoderModel model) {
    Set<Signal> signals = sweep.signals();
    int chunk = settings.chunkSize(sweep.protocol());
    return sweep.protocol() == Protocol.STREAMING
        ? new StreamingProtocol(model, signals, chunk)
        : new PrefillProtocol(model, signals, chunk);
  }

  private List<Sample> samples(Path file, Optional<Tokenizer> tokenizer, SampleRules rules) {
    EncodedDocuments documents =
        EncodedDocuments.encode(file, tokenizer, rules, settings.maxSamples());
    documents.notices().forEach(notices);
    // The first continuation token is the prefill's to predict; one more is the cache's.
    List<Sample> usable =
        documents.samples().stream().filter(sample -> sample.continuationLength() >= 2).toList();
    int passedOver = documents.samples().size() - usable.size();
    if (usable.isEmpty()) {
      throw new DataException(
          file
              + ": expected at least 2 continuation tokens behind the context, found 1 in every document; lower --context-tokens or give longer documents");
    }
    if (passedOver > 0) {
      notices.accept(
          "%s: %d %s only one continuation token and passed over"
              .formatted(
                  file, passedOver, passedOver == 1 ? "document has" : "documents have"));
    }
    return usable;
  }

  /** The name of the file, or the path where two files have the same name. */
  private String label(Path file) {
    long same =
        settings.data().stream()
            .filter(other -> String.valueOf(other.getFileName()).equals(name(file)))
            .count();
    return same > 1 ? file.toString() : name(file);
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private void compare(
      SampleProtocol protocol,
      String data,
      List<Sample> samples,
      List<Cell> cells,
      List<SampleResult> results) {
    List<CellTally> tallies = sweep.cells().stream().map(CellTally::new).toList();
    progress.begin(data, (long) samples.size() * tallies.size());
    try {
      protocol.warmUp(samples.get(0));
      for (int i = 0; i < samples.size(); i++) {
        protocol.run(samples.get(i), tallies, i < TIMED_SAMPLES, progress::step);
      }
    } finally {
      progress.end();
    }
    List<Outcome> baseline =
        tallies.stream()
            .filter(tally -> tally.cell().method().isBaseline() && !tally.hasFailed())
            .findFirst()
            .map(CellTally::outcomes)
            .orElse(List.of());
    for (String task : settings.tasks()) {
      Aggregation aggregation = new Aggregation(task, data, baseline);
      for (CellTally tally : tallies) {
        Cell cell = aggregation.cell(tally);
        cells.add(cell);
        if (cell.error().isEmpty()) {
          results.addAll(aggregation.samples(tally));
        }
      }
    }
  }
}
