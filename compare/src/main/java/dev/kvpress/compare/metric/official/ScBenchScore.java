package dev.kvpress.compare.metric.official;

import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.metric.StringMatch;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The measures of SCBench (Li et al., "SCBench: A KV cache-centric analysis of long-context
 * methods", arXiv 2412.10319; {@code scbench/compute_scores.py} of MInference). Several are those
 * of InfiniteBench. Where the original would go through the letters of an answer that is no list,
 * the answer is taken as a whole here.
 */
public enum ScBenchScore implements OfficialScore {
  /** The value occurs in the text, letter case counting. */
  KV_RETRIEVAL {
    @Override
    double of(String written, Expected expected) {
      return written.contains(expected.first()) ? 1 : 0;
    }
  },
  /** Any answer occurs in the text, compared in capitals. */
  LONGDIALOGUE_QA_ENG {
    @Override
    double of(String written, Expected expected) {
      String upper = written.strip().toUpperCase(Locale.ROOT);
      return expected.answers().stream()
              .anyMatch(answer -> upper.contains(answer.toUpperCase(Locale.ROOT)))
          ? 1
          : 0;
    }
  },
  /** F1 of Chinese characters. */
  LONGBOOK_QA_CHN(InfiniteBenchScore.LONGBOOK_QA_CHN),
  /** The letter at the beginning, or behind the words that announce an answer. */
  LONGBOOK_CHOICE_ENG {
    @Override
    double of(String written, Expected expected) {
      return AnnouncedChoice.letter(written, expected.answers()) ? 1 : 0;
    }
  },
  /** The first number. */
  MATH_FIND(InfiniteBenchScore.MATH_FIND),
  /** The first run of digits is the key. */
  PASSKEY(InfiniteBenchScore.PASSKEY),
  /** ROUGE-Lsum. */
  SCBENCH_SUMMARY(InfiniteBenchScore.LONGBOOK_SUM_ENG),
  /** The share of the answers that occur, letter case aside, rounded to hundredths. */
  SCBENCH_VT {
    @Override
    double of(String written, Expected expected) {
      return Math.rint(StringMatch.share(written, expected.answers()) * 100) / 100;
    }
  };

  private final @Nullable InfiniteBenchScore same;

  ScBenchScore() {
    same = null;
  }

  /** A measure that InfiniteBench has too. */
  ScBenchScore(InfiniteBenchScore same) {
    this.same = same;
  }

  @Override
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public ScoreColumn column() {
    return ScoreColumn.SCBENCH_SCORE;
  }

  @Override
  public double score(String written, Expected expected) {
    requireScorable(expected);
    return of(written, expected);
  }

  double of(String written, Expected expected) {
    return requireNonNull(same, id()).of(written, expected);
  }

  @Override
  public Optional<String> fault(Expected expected) {
    return same == null ? Optional.empty() : same.fault(expected);
  }
}
