package dev.kvpress.compare.metric.official;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.metric.F1;
import dev.kvpress.compare.metric.Rouge;
import dev.kvpress.compare.metric.words.PythonText;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The measures of InfiniteBench (Zhang et al., "∞Bench", 2024) by the names of its tasks. Answers
 * that are lists in its files are lists here; of most only the first is looked at, as kvpress reads
 * them. Where the original stops at an answer (a fraction asked to be a whole number), the score is
 * 0.
 */
public enum InfiniteBenchScore implements OfficialScore {
  /** The first run of digits is the key. */
  PASSKEY {
    @Override
    double of(String written, Expected expected) {
      return truth(firstNumber(written).equals(expected.first()));
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return needs(DIGITS_ALONE.test(expected.first()), "digits alone", expected);
    }
  },
  /** The first run of digits is the number. */
  NUMBER_STRING {
    @Override
    double of(String written, Expected expected) {
      return PASSKEY.of(written, expected);
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return PASSKEY.fault(expected);
    }
  },
  /** The value is among the words. */
  KV_RETRIEVAL {
    @Override
    double of(String written, Expected expected) {
      return truth(words(SIGNS, written).contains(expected.first()));
    }
  },
  /** The last word is the result of the code. */
  CODE_RUN {
    @Override
    double of(String written, Expected expected) {
      List<String> words = words(CODE_SIGNS, written);
      Optional<Number> last =
          words.isEmpty() ? Optional.empty() : PythonNumbers.whole(words.get(words.size() - 1));
      return truth(last.isPresent() && last.equals(PythonNumbers.whole(expected.first())));
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return needs(PythonNumbers.whole(expected.first()).isPresent(), "a whole number", expected);
    }
  },
  /** The letter, or behind the words that announce an answer the letter or the function's name. */
  CODE_DEBUG {
    @Override
    double of(String written, Expected expected) {
      return truth(AnnouncedChoice.bug(written, expected.first(), expected.answers().get(1)));
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return textAndLetter(expected);
    }
  },
  /** The first number. */
  MATH_FIND {
    @Override
    double of(String written, Expected expected) {
      Matcher number = NUMBER.matcher(written);
      return truth(number.find() && PythonNumbers.isFound(number.group(), expected.first()));
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return needs(PythonNumbers.isNumber(expected.first()), "a number", expected);
    }
  },
  /** Share of the intermediate results that are right before the first wrong one. */
  MATH_CALC {
    @Override
    double of(String written, Expected expected) {
      List<Optional<Number>> found =
          DIGITS.splitToStream(written).map(PythonNumbers::whole).toList();
      int right = 0;
      while (right < expected.answers().size()
          && right < found.size()
          && found.get(right).equals(PythonNumbers.whole(expected.answers().get(right)))) {
        right++;
      }
      return (double) right / expected.answers().size();
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return needs(
          expected.answers().stream().allMatch(answer -> PythonNumbers.whole(answer).isPresent()),
          "whole numbers",
          expected);
    }
  },
  /** The name is among the words, which are compared in capitals. */
  LONGDIALOGUE_QA_ENG {
    @Override
    double of(String written, Expected expected) {
      return truth(
          words(SIGNS, written).stream()
              .map(word -> word.toUpperCase(Locale.ROOT))
              .anyMatch(expected.first()::equals));
    }
  },
  /** The letter at the beginning, or behind the words that announce an answer. */
  LONGBOOK_CHOICE_ENG {
    @Override
    double of(String written, Expected expected) {
      return truth(AnnouncedChoice.letter(written, expected.answers()));
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return textAndLetter(expected);
    }
  },
  /** F1 of words as SQuAD counts them. */
  LONGBOOK_QA_ENG {
    @Override
    double of(String written, Expected expected) {
      return LongBenchScore.QA_F1_SCORE.score(written, expected);
    }
  },
  /** F1 of Chinese characters. */
  LONGBOOK_QA_CHN {
    @Override
    double of(String written, Expected expected) {
      return expected.answers().stream()
          .mapToDouble(answer -> F1.ofWords(characters(written), characters(answer)))
          .max()
          .orElseThrow();
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return needs(
          expected.answers().stream().anyMatch(answer -> !characters(answer).isEmpty()),
          "a text with a character that is no punctuation",
          expected);
    }
  },
  /** ROUGE-Lsum of {@link Rouge}. */
  LONGBOOK_SUM_ENG {
    @Override
    double of(String written, Expected expected) {
      return Rouge.of(written, expected.answers()).rougeLsum();
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return needs(
          expected.answers().stream().anyMatch(Rouge::hasWord),
          "a summary with a word of a–z or 0–9",
          expected);
    }
  };

  private static final CharMatcher SIGNS = CharMatcher.anyOf("\n:\"'.,?!{}");
  private static final CharMatcher CODE_SIGNS = CharMatcher.anyOf("\n.`'\":");
  private static final Predicate<String> DIGITS_ALONE =
      Pattern.compile("[0-9]+").asMatchPredicate();
  private static final Splitter DIGITS =
      Splitter.on(CharMatcher.inRange('0', '9').negate()).omitEmptyStrings();
  private static final Pattern NUMBER =
      Pattern.compile("%1$s+\\.%1$s+|%1$s+".formatted(PythonText.DIGIT));

  @Override
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public ScoreColumn column() {
    return ScoreColumn.INFINITEBENCH_SCORE;
  }

  @Override
  public double score(String written, Expected expected) {
    requireScorable(expected);
    return of(written, expected);
  }

  abstract double of(String written, Expected expected);

  private static double truth(boolean right) {
    return right ? 1 : 0;
  }

  private static Optional<String> needs(boolean met, String what, Expected expected) {
    return met
        ? Optional.empty()
        : Optional.of("answer: expected %s, found %s".formatted(what, expected.answers()));
  }

  private static Optional<String> textAndLetter(Expected expected) {
    return expected.answers().size() == 2
        ? Optional.empty()
        : Optional.of(
            "answer: expected the text of the right choice and its letter, found "
                + expected.answers());
  }

  private static String firstNumber(String written) {
    return DIGITS.splitToStream(written).findFirst().orElse("");
  }

  private static List<String> words(CharMatcher signs, String text) {
    return PythonText.split(signs.replaceFrom(text, ' '));
  }

  private static ImmutableList<String> characters(String text) {
    return ChineseAnswer.plain(text)
        .codePoints()
        .mapToObj(Character::toString)
        .collect(Collectors.collectingAndThen(Collectors.toList(), ImmutableList::copyOf));
  }
}
