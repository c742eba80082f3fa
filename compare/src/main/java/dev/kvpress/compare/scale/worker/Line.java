package dev.kvpress.compare.scale.worker;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line between two processes: a word that says what it is, a blank and an object of JSON. Who
 * only passes lines on needs to understand the word alone.
 *
 * @param word which message it is
 * @param body its content, in one line
 */
public record Line(String word, String body) {
  /** To a worker, first: {@link Open}. */
  public static final String OPEN = "open";

  /** To a worker: {@link Run}. */
  public static final String RUN = "run";

  /** To a worker: finish the piece under way and go. */
  public static final String END = "end";

  /** From a worker that has everything at hand: {@link Ready}. */
  public static final String READY = "ready";

  /** From a worker: {@link Begun}, the piece of work that is under way. */
  public static final String BEGUN = "begun";

  /** From a worker: a line of the journal with an outcome. */
  public static final String DONE = "done";

  /** From a worker: a line of the journal with an error. */
  public static final String FAILED = "failed";

  /** From a worker: {@link Said}, a remark. */
  public static final String NOTE = "note";

  /** From a worker that has gone through a context: {@link Finished}. */
  public static final String FINISHED = "finished";

  /** From a worker that has given a context up: {@link Lost}. */
  public static final String LOST = "lost";

  /** From a worker that cannot go on: {@link Said}, the reason. */
  public static final String FAULT = "fault";

  private static final Pattern FORM = Pattern.compile("([a-z]{1,20}) (\\{.*\\})", Pattern.DOTALL);

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // A number that is not there would be read as 0, and 0 is the first context.
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** What a line means must fit on one. */
  public Line {
    checkArgument(body.indexOf('\n') < 0, "a message must be one line");
  }

  /**
   * What a worker works on.
   *
   * @param arguments of the command line, as the comparison was started with
   * @param directory in which paths of the arguments begin
   * @param threads that the worker may keep busy, at least 1
   * @param parts into how many the engine deals an operator, at least 1. It decides the last bits
   *     of results, so it is the same for all workers, and the one that a single process would take
   */
  public record Open(List<String> arguments, String directory, int threads, int parts) {}

  /**
   * A context to go through.
   *
   * @param context its place in the schedule, from 0
   * @param keys of the work on it that is still to be done
   */
  public record Run(int context, List<String> keys) {}

  /**
   * A worker has prepared.
   *
   * @param schedule digest of all work; must be the same on both sides
   */
  public record Ready(String schedule) {}

  /**
   * A piece of work is under way; if the worker dies now, it is the one.
   *
   * @param key of its content
   */
  public record Begun(String key) {}

  /**
   * A context is through.
   *
   * @param context its place
   * @param prefills that it took
   */
  public record Finished(int context, int prefills) {}

  /**
   * A context will not be done.
   *
   * @param context its place
   * @param message why
   */
  public record Lost(int context, String message) {}

  /**
   * Something to be read by people.
   *
   * @param message in one line
   */
  public record Said(String message) {}

  /** A message with a content. */
  public static Line of(String word, Object content) {
    try {
      return new Line(word, JSON.writeValueAsString(content));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a message cannot be written as JSON", e);
    }
  }

  /** The message that a line of text holds; empty for a torn one or something else. */
  public static Optional<Line> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(new Line(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /** The content; empty if the body is of another kind or no JSON. */
  public <T> Optional<T> content(Class<T> type) {
    try {
      return Optional.of(JSON.readValue(body, type));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** As it is sent, without an end of line. */
  @Override
  public String toString() {
    return word + " " + body;
  }
}
