package dev.kvpress.compare.metric.official;

import java.util.Locale;

/** The columns of official scores in tables and files. */
public enum ScoreColumn {
  /** LongBench. */
  LONGBENCH_SCORE("LongBench score"),
  /** LongBench v2. */
  LONGBENCH_V2_ACC("LongBench v2 accuracy"),
  /** InfiniteBench. */
  INFINITEBENCH_SCORE("InfiniteBench score"),
  /** SCBench. */
  SCBENCH_SCORE("SCBench score"),
  /** lm-evaluation-harness, filter strict-match of GSM8K. */
  GSM8K_STRICT_MATCH("GSM8K strict match"),
  /** lm-evaluation-harness, filter flexible-extract of GSM8K. */
  GSM8K_FLEXIBLE_EXTRACT("GSM8K flexible extract"),
  /** lm-evaluation-harness, hendrycks_math. */
  MATH_EXACT_MATCH("MATH exact match"),
  /** kvpress on MATH-500. */
  MATH_BOXED("MATH-500 boxed"),
  /** lm-evaluation-harness, aime. */
  AIME_EXACT_MATCH("AIME exact match"),
  /** kvpress on AIME 25. */
  AIME_BOXED("AIME boxed"),
  /** kvpress on a needle in a haystack. */
  NEEDLE_ROUGE_L("needle ROUGE-L");

  private final String label;

  ScoreColumn(String label) {
    this.label = label;
  }

  /** Name in files, snake case. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For people. */
  public String label() {
    return label;
  }
}
