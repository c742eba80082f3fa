package dev.kvpress.compare.metric.official;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * The one list of data sets with measures of their own. A row of a file belongs to a data set by
 * its column {@code task} or {@code dataset}.
 */
public final class OfficialScores {
  /** LongBench-E has the same data sets under names with one of these endings. */
  private static final ImmutableList<String> EVEN = ImmutableList.of("_e", "-e");

  /**
   * Data sets that are scored alike.
   *
   * @param benchmark for people
   * @param dataSets their names
   * @param score what is taken of an answer
   * @param part how much of an answer counts
   */
  public record Entry(String benchmark, List<String> dataSets, OfficialScore score, Part part) {
    /** Takes a copy. */
    public Entry {
      dataSets = ImmutableList.copyOf(dataSets);
    }

    /** The score of what a model wrote; see {@link OfficialScore#score}. */
    public double score(String written, Expected expected) {
      return score.score(counted(written), expected);
    }

    /** A row of the table in docs/tasks.md. */
    public String row() {
      return "| %s | %s | `%s`%s | `%s` |"
          .formatted(
              benchmark, String.join(", ", dataSets), score.id(), part.note(), score.column().id());
    }

    /** What of an answer counts. */
    public String counted(String written) {
      return part.of(written);
    }
  }

  private static final ImmutableList<Entry> ALL =
      ImmutableList.of(
          longBench(
              LongBenchScore.QA_F1_SCORE,
              "narrativeqa",
              "qasper",
              "multifieldqa_en",
              "hotpotqa",
              "2wikimqa",
              "musique"),
          firstLine(LongBenchScore.QA_F1_SCORE, "triviaqa"),
          longBench(LongBenchScore.QA_F1_ZH_SCORE, "multifieldqa_zh"),
          longBench(LongBenchScore.ROUGE_SCORE, "gov_report", "qmsum", "multi_news"),
          firstLine(LongBenchScore.ROUGE_SCORE, "samsum"),
          longBench(LongBenchScore.ROUGE_ZH_SCORE, "dureader", "vcsum"),
          firstLine(LongBenchScore.CLASSIFICATION_SCORE, "trec", "lsht"),
          longBench(LongBenchScore.RETRIEVAL_SCORE, "passage_retrieval_en"),
          longBench(LongBenchScore.RETRIEVAL_ZH_SCORE, "passage_retrieval_zh"),
          longBench(LongBenchScore.COUNT_SCORE, "passage_count"),
          longBench(LongBenchScore.CODE_SIM_SCORE, "lcc", "repobench-p"),
          entry("LongBench v2", new LongBenchV2Score(), "longbench_v2", "longbench-v2"),
          infiniteBench(InfiniteBenchScore.PASSKEY, "passkey"),
          infiniteBench(InfiniteBenchScore.NUMBER_STRING, "number_string"),
          infiniteBench(
              InfiniteBenchScore.KV_RETRIEVAL,
              "kv_retrieval",
              "kv_retrieval_prefix",
              "kv_retrieval_both"),
          infiniteBench(InfiniteBenchScore.CODE_RUN, "code_run"),
          infiniteBench(InfiniteBenchScore.CODE_DEBUG, "code_debug"),
          infiniteBench(InfiniteBenchScore.MATH_FIND, "math_find"),
          infiniteBench(InfiniteBenchScore.MATH_CALC, "math_calc"),
          infiniteBench(InfiniteBenchScore.LONGDIALOGUE_QA_ENG, "longdialogue_qa_eng"),
          infiniteBench(InfiniteBenchScore.LONGBOOK_CHOICE_ENG, "longbook_choice_eng"),
          infiniteBench(InfiniteBenchScore.LONGBOOK_QA_ENG, "longbook_qa_eng"),
          infiniteBench(InfiniteBenchScore.LONGBOOK_QA_CHN, "longbook_qa_chn"),
          infiniteBench(InfiniteBenchScore.LONGBOOK_SUM_ENG, "longbook_sum_eng"),
          scBench(
              ScBenchScore.KV_RETRIEVAL,
              "scbench_kv",
              "scbench_kv_hard",
              "scbench_kv_compressible",
              "scbench_hashhop",
              "scbench_prefix_suffix"),
          scBench(ScBenchScore.LONGDIALOGUE_QA_ENG, "scbench_qa_eng", "scbench_many_shot"),
          scBench(ScBenchScore.LONGBOOK_QA_CHN, "scbench_qa_chn"),
          scBench(ScBenchScore.LONGBOOK_CHOICE_ENG, "scbench_choice_eng"),
          scBench(ScBenchScore.MATH_FIND, "scbench_mf"),
          scBench(ScBenchScore.PASSKEY, "scbench_passkey"),
          scBench(ScBenchScore.SCBENCH_SUMMARY, "scbench_summary"),
          scBench(ScBenchScore.SCBENCH_VT, "scbench_vt"),
          upTo("Question:", "GSM8K", MathScore.GSM8K_STRICT, "gsm8k"),
          upTo("Question:", "GSM8K", MathScore.GSM8K_FLEXIBLE, "gsm8k"),
          upTo("Q:", "GSM8K", MathScore.GSM8K_COT_STRICT, "gsm8k_cot"),
          upTo("Q:", "GSM8K", MathScore.GSM8K_COT_FLEXIBLE, "gsm8k_cot"),
          upTo(
              "Problem:",
              "MATH",
              MathScore.HENDRYCKS_MATH,
              "hendrycks_math",
              "hendrycks_math500",
              "math",
              "math500"),
          entry("MATH", MathScore.KVPRESS_MATH, "math500"),
          upTo("Question:", "AIME", MathScore.AIME, "aime", "aime24", "aime25"),
          entry("AIME", MathScore.KVPRESS_AIME, "aime25"),
          entry("kvpress", new NeedleScore(), "needle_in_haystack"));

  private OfficialScores() {}

  /** All of them, benchmark by benchmark. */
  public static List<Entry> all() {
    return ALL;
  }

  /** The measures of a data set; none for other names. */
  public static List<Entry> of(String dataSet) {
    return named(plainName(dataSet));
  }

  /** The name of a data set without the ending of its LongBench-E form. */
  static String plainName(String dataSet) {
    return EVEN.stream()
        .filter(dataSet::endsWith)
        .map(ending -> dataSet.substring(0, dataSet.length() - ending.length()))
        .filter(name -> named(name).stream().anyMatch(e -> e.score() instanceof LongBenchScore))
        .findFirst()
        .orElse(dataSet);
  }

  private static List<Entry> named(String dataSet) {
    return ALL.stream().filter(entry -> entry.dataSets().contains(dataSet)).toList();
  }

  private static Entry longBench(OfficialScore score, String... dataSets) {
    return entry("LongBench", score, dataSets);
  }

  private static Entry firstLine(OfficialScore score, String... dataSets) {
    return new Entry("LongBench", List.of(dataSets), score, Part.FIRST_LINE);
  }

  private static Entry upTo(
      String mark, String benchmark, OfficialScore score, String... dataSets) {
    return new Entry(benchmark, List.of(dataSets), score, Part.upTo(mark));
  }

  private static Entry infiniteBench(OfficialScore score, String... dataSets) {
    return entry("InfiniteBench", score, dataSets);
  }

  private static Entry scBench(OfficialScore score, String... dataSets) {
    return entry("SCBench", score, dataSets);
  }

  private static Entry entry(String benchmark, OfficialScore score, String... dataSets) {
    return new Entry(benchmark, List.of(dataSets), score, Part.ALL);
  }
}
