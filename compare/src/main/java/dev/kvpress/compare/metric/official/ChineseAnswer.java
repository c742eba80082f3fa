package dev.kvpress.compare.metric.official;

import com.google.common.base.CharMatcher;
import dev.kvpress.compare.metric.words.PythonText;

/** Chinese answers as LongBench and InfiniteBench compare them. */
final class ChineseAnswer {
  /** Punctuation of both benchmarks' lists beside that of ASCII. */
  private static final CharMatcher PUNCTUATION =
      CharMatcher.anyOf(
              "！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃》「」『』【】〔〕〖〗〘〙〚〛〜" + "〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏.")
          .or(PythonText.PUNCTUATION)
          .precomputed();

  private ChineseAnswer() {}

  /** Lower case, without punctuation and blanks. */
  static String plain(String text) {
    return String.join("", PythonText.split(PUNCTUATION.removeFrom(PythonText.lower(text))));
  }
}
