package dev.kvpress.compare.journal;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.io.BaseEncoding;
import dev.kvpress.compare.run.CacheFigures;
import dev.kvpress.compare.run.KeepMap;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.WorkLog.Unit;
import dev.kvpress.compare.task.Answer;
import dev.kvpress.compare.task.Figure;
import dev.kvpress.runtime.Remark;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One line of the journal.
 *
 * @param schemaVersion of the line
 * @param key of the work's content
 * @param cell method and budget, for people
 * @param task name, for people
 * @param sample index in file order
 * @param error why there is no outcome; null if there is one
 * @param outcome null if there is an error
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record JournalLine(
    int schemaVersion,
    String key,
    String cell,
    String task,
    int sample,
    @Nullable String error,
    @Nullable Outcome outcome) {
  /** What names the work must be there. */
  JournalLine {
    requireNonNull(key, "key");
    requireNonNull(cell, "cell");
    requireNonNull(task, "task");
  }

  private static final int SCHEMA_VERSION = 1;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // A number that is not there would be read as 0, and 0 is a figure.
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          // Lines of other versions are whole too; their keys say that they are of no use.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** {@link SampleOutcome} in plain parts. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Outcome(
      int tokens,
      Map<String, Figure> figures,
      Map<String, List<Double>> series,
      @Nullable String text,
      List<String> expected,
      CacheFigures cache,
      long logitsHash,
      long passedTokens,
      @Nullable Kept kept,
      List<Remark> remarks) {
    /** Older lines have no remarks; all else must be there. */
    Outcome {
      requireNonNull(figures, "figures");
      requireNonNull(series, "series");
      requireNonNull(expected, "expected");
      requireNonNull(cache, "cache");
      remarks = remarks == null ? List.of() : List.copyOf(remarks);
    }
  }

  /** {@link KeepMap} with a base64 text for each layer. */
  record Kept(int kvHeads, int tokens, List<String> layers) {
    KeepMap toMap() {
      return new KeepMap(
          kvHeads, tokens, layers.stream().map(BaseEncoding.base64()::decode).toList());
    }
  }

  static JournalLine of(Unit unit, SampleOutcome outcome) {
    Answer answer = outcome.answer();
    return new JournalLine(
        SCHEMA_VERSION,
        unit.key(),
        unit.cell(),
        unit.task(),
        unit.sample(),
        null,
        new Outcome(
            answer.tokens(),
            answer.figures(),
            answer.series(),
            answer.text().orElse(null),
            answer.expected(),
            outcome.cache(),
            outcome.logitsHash(),
            outcome.passedTokens(),
            outcome.keepMap().map(JournalLine::kept).orElse(null),
            outcome.remarks()));
  }

  static JournalLine of(Unit unit, String error) {
    return new JournalLine(
        SCHEMA_VERSION, unit.key(), unit.cell(), unit.task(), unit.sample(), error, null);
  }

  private static Kept kept(KeepMap map) {
    return new Kept(
        map.kvHeads(),
        map.tokens(),
        map.layers().stream().map(BaseEncoding.base64()::encode).toList());
  }

  /**
   * The outcome, if the line holds one.
   *
   * @throws RuntimeException if its parts do not make one
   */
  Optional<SampleOutcome> toOutcome() {
    if (outcome == null) {
      return Optional.empty();
    }
    return Optional.of(
        new SampleOutcome(
            sample,
            new Answer(
                outcome.tokens(),
                outcome.figures(),
                outcome.series(),
                Optional.ofNullable(outcome.text()),
                outcome.expected()),
            outcome.cache(),
            outcome.logitsHash(),
            outcome.passedTokens(),
            Optional.ofNullable(outcome.kept()).map(Kept::toMap),
            outcome.remarks()));
  }

  /** Why there is no outcome. */
  String reason() {
    return error == null ? "no reason was taken down" : error;
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a journal line cannot be written as JSON", e);
    }
  }

  /** The line a text holds; empty if it is torn, of another format or something else. */
  static Optional<JournalLine> parse(byte[] text) {
    try {
      // The text "null" is JSON too.
      return Optional.ofNullable(JSON.readValue(text, JournalLine.class))
          .filter(line -> line.schemaVersion() == SCHEMA_VERSION);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
