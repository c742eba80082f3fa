package dev.kvpress.compare.metric.official;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How many tokens benchmarks let a model write at most, by data set: LongBench's {@code
 * dataset2maxlen.json}, {@code DATA_NAME_TO_MAX_NEW_TOKENS} of InfiniteBench and SCBench, what
 * lm-evaluation-harness takes for its tasks. A measure that looks at the last word or number, or at
 * all words, gives another figure for another length.
 */
public final class AnswerLengths {
  private static final ImmutableMap<String, Integer> TOKENS =
      ImmutableMap.<String, Integer>builder()
          .put("narrativeqa", 128)
          .put("qasper", 128)
          .put("multifieldqa_en", 64)
          .put("multifieldqa_zh", 64)
          .put("hotpotqa", 32)
          .put("2wikimqa", 32)
          .put("musique", 32)
          .put("dureader", 128)
          .put("gov_report", 512)
          .put("qmsum", 512)
          .put("multi_news", 512)
          .put("vcsum", 512)
          .put("trec", 64)
          .put("triviaqa", 32)
          .put("samsum", 128)
          .put("lsht", 64)
          .put("passage_count", 32)
          .put("passage_retrieval_en", 32)
          .put("passage_retrieval_zh", 32)
          .put("lcc", 64)
          .put("repobench-p", 64)
          .put("passkey", 6)
          .put("number_string", 12)
          .put("kv_retrieval", 50)
          .put("longbook_sum_eng", 1200)
          .put("longbook_choice_eng", 40)
          .put("longbook_qa_eng", 40)
          .put("longbook_qa_chn", 40)
          .put("longdialogue_qa_eng", 40)
          .put("math_find", 3)
          .put("math_calc", 30000)
          .put("code_run", 5)
          .put("code_debug", 5)
          .put("scbench_choice_eng", 40)
          .put("scbench_qa_eng", 40)
          .put("scbench_qa_chn", 40)
          .put("scbench_kv", 150)
          .put("scbench_kv_hard", 150)
          .put("scbench_mf", 5)
          .put("scbench_hashhop", 150)
          .put("scbench_prefix_suffix", 150)
          .put("scbench_kv_compressible", 150)
          .put("scbench_passkey", 15)
          .put("scbench_summary", 200)
          .put("scbench_vt", 30)
          .put("scbench_many_shot", 10)
          .put("gsm8k", 256)
          .put("gsm8k_cot", 256)
          .put("hendrycks_math", 256)
          .put("hendrycks_math500", 256)
          .put("aime24", 32768)
          .put("aime25", 32768)
          .buildOrThrow();

  private AnswerLengths() {}

  /** Tokens by data set. */
  public static Map<String, Integer> all() {
    return TOKENS;
  }

  /** The length for a data set, also of its LongBench-E form; empty for other names. */
  public static OptionalInt of(String dataSet) {
    Integer tokens = TOKENS.get(OfficialScores.plainName(dataSet));
    return tokens == null ? OptionalInt.empty() : OptionalInt.of(tokens);
  }
}
