package dev.kvpress.compare.metric;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class RougeOriginalsTest {
  private static final List<JsonNode> ROWS = OriginalFigures.rows("plain", 200);

  private static void hold(
      String variant, Rouge.Words words, int place, ToDoubleFunction<Rouge> figure) {
    OriginalFigures.hold(
        ROWS,
        variant + " " + place,
        row -> row.get(variant).get(place).asDouble(),
        row ->
            figure.applyAsDouble(
                Rouge.of(
                    row.get("written").asText(), OriginalFigures.texts(row, "expected"), words)));
  }

  private static void hold(String variant, Rouge.Words words) {
    hold(variant, words, 0, Rouge::rouge1);
    hold(variant, words, 1, Rouge::rouge2);
    hold(variant, words, 2, Rouge::rougeL);
    hold(variant, words, 3, Rouge::rougeLsum);
  }

  @Test
  void plainWordsCountAsInRougeScore() {
    hold("plain", Rouge.Words.AS_THEY_ARE);
  }

  @Test
  void stemsCountAsInRougeScore() {
    hold("stemmed", Rouge.Words.STEMMED);
  }

  @Test
  void theOtherPackageCountsAsItDoes() {
    List<ToDoubleFunction<RougePackage>> figures =
        List.of(RougePackage::rouge1, RougePackage::rouge2, RougePackage::rougeL);
    for (int i = 0; i < figures.size(); i++) {
      int place = i;
      OriginalFigures.hold(
          ROWS,
          "package " + place,
          row -> row.get("package").get(place).asDouble(),
          row ->
              figures
                  .get(place)
                  .applyAsDouble(
                      RougePackage.of(
                          row.get("written").asText(), OriginalFigures.texts(row, "expected"))));
    }
  }
}
