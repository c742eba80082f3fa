package dev.kvpress.compare.metric;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerOriginalsTest {
  private static final List<JsonNode> ROWS = OriginalFigures.rows("plain", 200);

  /** A figure of an answer. */
  private interface Figure {
    double of(String answer, List<String> expected);
  }

  private static void hold(String column, Figure figure) {
    OriginalFigures.hold(
        ROWS,
        column,
        row -> row.get(column).asDouble(),
        row -> figure.of(row.get("written").asText(), OriginalFigures.texts(row, "expected")));
  }

  @Test
  void answersAgreeAsInSquad() {
    hold("squad_f1", AnswerMatch::f1);
    hold("squad_exact", AnswerMatch::exact);
  }

  @Test
  void answersOccurAsInRuler() {
    hold("string_match_part", (text, e) -> StringMatch.any(StringMatch.printable(text), e));
    // RULER rounds percents to two places.
    hold(
        "string_match_all",
        (text, e) -> Math.rint(1e4 * StringMatch.share(StringMatch.printable(text), e)) / 1e4);
  }

  @Test
  void answersOccurAsWords() {
    hold("on_a_word", StringMatch::anyWord);
  }
}
