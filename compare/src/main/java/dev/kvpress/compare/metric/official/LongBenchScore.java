package dev.kvpress.compare.metric.official;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import dev.kvpress.compare.metric.AnswerMatch;
import dev.kvpress.compare.metric.F1;
import dev.kvpress.compare.metric.RougePackage;
import dev.kvpress.compare.metric.words.ChineseWords;
import dev.kvpress.compare.metric.words.GestaltRatio;
import dev.kvpress.compare.metric.words.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The measures of LongBench (Bai et al., "LongBench", 2023; kvpress takes the same), by the names
 * of its functions. Of several expected answers the best counts; all are in [0, 1], where LongBench
 * prints percents. {@code fuzz.ratio} is that of {@code fuzzywuzzy} without the optional package
 * {@code python-Levenshtein}, as LongBench's requirements install it.
 */
public enum LongBenchScore implements OfficialScore {
  /** F1 of words as SQuAD counts them; 0 where both sides have none. */
  QA_F1_SCORE {
    @Override
    double one(String written, String expected, List<String> classes) {
      return F1.ofWords(AnswerMatch.words(written), AnswerMatch.words(expected));
    }
  },
  /** F1 of Chinese words without punctuation. */
  QA_F1_ZH_SCORE {
    @Override
    double one(String written, String expected, List<String> classes) {
      return F1.ofWords(chinese(written), chinese(expected));
    }
  },
  /** ROUGE-L of {@link RougePackage}. */
  ROUGE_SCORE {
    @Override
    double one(String written, String expected, List<String> classes) {
      return RougePackage.of(written, List.of(expected)).rougeL();
    }
  },
  /** The same with blanks between Chinese words. */
  ROUGE_ZH_SCORE {
    @Override
    double one(String written, String expected, List<String> classes) {
      return ROUGE_SCORE.one(spaced(written), spaced(expected), classes);
    }
  },
  /**
   * One over the number of classes that are named, if the right one is among them. A class whose
   * name is a part of the right one's does not count; but the original takes it off the list while
   * it goes through it, and so overlooks the class behind, which then counts.
   */
  CLASSIFICATION_SCORE {
    @Override
    double one(String written, String expected, List<String> classes) {
      List<String> named = new ArrayList<>(classes.stream().filter(written::contains).toList());
      for (int i = 0; i < named.size(); i++) {
        String name = named.get(i);
        if (expected.contains(name) && !name.equals(expected)) {
          named.remove(name);
        }
      }
      return named.contains(expected) ? 1.0 / named.size() : 0;
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return expected.classes().isEmpty()
          ? Optional.of("all_classes: expected the names of all classes, found none")
          : Optional.empty();
    }
  },
  /** Share of the numbers written that are the right paragraph's. */
  RETRIEVAL_SCORE {
    @Override
    double one(String written, String expected, List<String> classes) {
      return share(written, number(ENGLISH_PARAGRAPH, expected).orElse(""));
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return paragraphFault(ENGLISH_PARAGRAPH, "Paragraph 7", expected);
    }
  },
  /** The same in Chinese. */
  RETRIEVAL_ZH_SCORE {
    @Override
    double one(String written, String expected, List<String> classes) {
      return share(written, number(CHINESE_PARAGRAPH, expected).orElse(""));
    }

    @Override
    public Optional<String> fault(Expected expected) {
      return paragraphFault(CHINESE_PARAGRAPH, "段落7", expected);
    }
  },
  /** Share of the numbers written that are the right one, digit by digit. */
  COUNT_SCORE {
    @Override
    double one(String written, String expected, List<String> classes) {
      return share(written, expected);
    }
  },
  /** Likeness of the first line that is neither comment nor fence, its indentation kept. */
  CODE_SIM_SCORE {
    @Override
    double one(String written, String expected, List<String> classes) {
      return GestaltRatio.percent(firstCode(written), expected) / 100.0;
    }
  };

  private static final Splitter LINES = Splitter.on('\n');
  private static final Pattern NUMBER = Pattern.compile(PythonText.DIGIT + "+");
  private static final Pattern ENGLISH_PARAGRAPH =
      Pattern.compile("Paragraph (" + PythonText.DIGIT + "+)");
  private static final Pattern CHINESE_PARAGRAPH = Pattern.compile("段落(" + PythonText.DIGIT + "+)");
  private static final Pattern COMMENT_OR_FENCE = Pattern.compile("[`#]|//");

  @Override
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public ScoreColumn column() {
    return ScoreColumn.LONGBENCH_SCORE;
  }

  @Override
  public double score(String written, Expected expected) {
    requireScorable(expected);
    return expected.answers().stream()
        .mapToDouble(answer -> one(written, answer, expected.classes()))
        .max()
        .orElseThrow();
  }

  abstract double one(String written, String expected, List<String> classes);

  /** What LongBench looks at of an answer to questions that are asked by examples. */
  public static String firstLine(String written) {
    return LINES.split(PythonText.withoutLeading('\n', written)).iterator().next();
  }

  private static Optional<String> number(Pattern paragraph, String expected) {
    Matcher matcher = paragraph.matcher(expected);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static Optional<String> paragraphFault(
      Pattern paragraph, String example, Expected expected) {
    return expected.answers().stream()
        .filter(answer -> number(paragraph, answer).isEmpty())
        .findFirst()
        .map(answer -> "answers: expected such as '%s', found '%s'".formatted(example, answer));
  }

  private static double share(String written, String right) {
    List<String> found = NUMBER.matcher(written).results().map(r -> r.group()).toList();
    return found.isEmpty()
        ? 0
        : (double) found.stream().filter(right::equals).count() / found.size();
  }

  private static String firstCode(String written) {
    return LINES
        .splitToStream(PythonText.withoutLeading('\n', written))
        .filter(line -> !COMMENT_OR_FENCE.matcher(line).find())
        .findFirst()
        .orElse("");
  }

  private static String spaced(String text) {
    return Joiner.on(' ').join(ChineseWords.cut(text));
  }

  private static List<String> chinese(String text) {
    return ChineseWords.cut(text).stream()
        .map(ChineseAnswer::plain)
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
