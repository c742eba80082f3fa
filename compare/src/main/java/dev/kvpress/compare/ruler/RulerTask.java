package dev.kvpress.compare.ruler;

import com.google.common.base.Joiner;
import dev.kvpress.compare.metric.StringMatch;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The thirteen task types of RULER, with the parameters of its paper (appendix B). */
public enum RulerTask {
  /** One word with one number, in the same few sentences again and again. */
  NIAH_SINGLE_1(new Needles(Haystack.NOISE, Kind.WORD, Kind.NUMBER, 1, 1, 1)),
  /** One word with one number, in a text. */
  NIAH_SINGLE_2(new Needles(Haystack.TEXT, Kind.WORD, Kind.NUMBER, 1, 1, 1)),
  /** One word with one long identifier, in a text. */
  NIAH_SINGLE_3(new Needles(Haystack.TEXT, Kind.WORD, Kind.IDENTIFIER, 1, 1, 1)),
  /** Four words with a number each, in a text; one is asked. */
  NIAH_MULTIKEY_1(new Needles(Haystack.TEXT, Kind.WORD, Kind.NUMBER, 4, 1, 1)),
  /** Nothing but words with a number each; one is asked. */
  NIAH_MULTIKEY_2(new Needles(Haystack.NEEDLES, Kind.WORD, Kind.NUMBER, 1, 1, 1)),
  /** Nothing but identifiers with an identifier each; one is asked. */
  NIAH_MULTIKEY_3(new Needles(Haystack.NEEDLES, Kind.IDENTIFIER, Kind.IDENTIFIER, 1, 1, 1)),
  /** One word with four numbers, in a text; all are asked. */
  NIAH_MULTIVALUE(new Needles(Haystack.TEXT, Kind.WORD, Kind.NUMBER, 1, 4, 1)),
  /** Four words with a number each, in a text; all are asked. */
  NIAH_MULTIQUERY(new Needles(Haystack.TEXT, Kind.WORD, Kind.NUMBER, 4, 1, 4)),
  /** A value that is handed on four times, in the same few sentences again and again. */
  VT(null),
  /** The ten words that a list has more often than its others. */
  CWE(null),
  /** The three most frequent words of a list whose frequencies follow Zipf's law. */
  FWE(null),
  /** A question about one passage of several. */
  QA_1(null),
  /** A question about facts that stand apart, among passages about other things. */
  QA_2(null);

  /** What a needle is hidden in. */
  enum Haystack {
    NOISE,
    TEXT,
    NEEDLES
  }

  /** What a key or a value looks like. */
  enum Kind {
    WORD,
    NUMBER,
    IDENTIFIER
  }

  /**
   * What is hidden and asked.
   *
   * @param keys number of keys that are hidden
   * @param values number of values of each
   * @param queries number of keys that are asked
   */
  record Needles(Haystack haystack, Kind key, Kind value, int keys, int values, int queries) {}

  private final @Nullable Needles needles;

  RulerTask(@Nullable Needles needles) {
    this.needles = needles;
  }

  Optional<Needles> needles() {
    return Optional.ofNullable(needles);
  }

  /** The name in RULER's and kvpress's files. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether questions come from a file. */
  public boolean isQuestionAnswering() {
    return this == QA_1 || this == QA_2;
  }

  /**
   * The score of an answer, in [0, 1]: whether any expected answer occurs in it for questions
   * (RULER's {@code string_match_part}), else the share of the expected answers that occur ({@code
   * string_match_all}); letter case and control characters aside. kvpress drops control characters
   * where RULER makes line ends of them, and so finds answers across a line end.
   *
   * @throws IllegalArgumentException if nothing is expected
   */
  public double score(String answer, List<String> expected) {
    String printable = StringMatch.printable(answer);
    return isQuestionAnswering()
        ? StringMatch.any(printable, expected)
        : StringMatch.share(printable, expected);
  }

  /**
   * The task of a name.
   *
   * @throws IllegalArgumentException if there is none, listing those there are
   */
  public static RulerTask of(String id) {
    return Arrays.stream(values())
        .filter(task -> task.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "RULER task '"
                        + id
                        + "' is unknown; known are "
                        + Joiner.on(", ")
                            .join(Arrays.stream(values()).map(RulerTask::id).toList())));
  }
}
