package dev.kvpress.compare.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One line of the journal: JSON whose last field is a checksum of all before it, so that a figure
 * that was changed on a disk, or by a hand, is passed over like a torn line and never told.
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

  private static final int SCHEMA_VERSION = 2;

  /** Stands between what is sealed and the eight digits of its checksum. */
  private static final String SEAL = ",\"crc32c\":\"";

  private static final String SEALED = "\"}";
  private static final int SEAL_BYTES = SEAL.length() + 2 * Integer.BYTES + SEALED.length();

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

  /** The line as text, sealed, without its end. */
  String toText() {
    try {
      return sealed(JSON.writeValueAsString(this));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a journal line cannot be written as JSON", e);
    }
  }

  /** Adds the checksum to a JSON object that has fields. */
  static String sealed(String json) {
    String open = json.substring(0, json.length() - 1);
    byte[] bytes = open.getBytes(UTF_8);
    return open + SEAL + checksum(bytes, bytes.length) + SEALED;
  }

  /** The line a text holds; empty if it is torn, changed, of another format or something else. */
  static Optional<JournalLine> parse(byte[] text) {
    if (!isSealed(text)) {
      return Optional.empty();
    }
    try {
      // The text "null" is JSON too.
      return Optional.ofNullable(JSON.readValue(text, JournalLine.class))
          .filter(line -> line.schemaVersion() == SCHEMA_VERSION);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean isSealed(byte[] text) {
    int open = text.length - SEAL_BYTES;
    if (open < 0) {
      return false;
    }
    byte[] seal = (SEAL + checksum(text, open) + SEALED).getBytes(UTF_8);
    return Arrays.equals(text, open, text.length, seal, 0, seal.length);
  }

  private static String checksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return String.format(Locale.ROOT, "%08x", checksum.getValue());
  }
}
