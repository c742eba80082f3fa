package dev.kvpress.compare.metric.words;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.metric.OriginalFigures;
import org.junit.jupiter.api.Test;

class ChineseWordsTest {
  @Test
  void wordsAreThoseOfJieba() {
    for (JsonNode row : OriginalFigures.rows("chinese", 200)) {
      assertThat(ChineseWords.cut(row.get("written").asText()))
          .isEqualTo(OriginalFigures.texts(row, "words"));
    }
  }
}
