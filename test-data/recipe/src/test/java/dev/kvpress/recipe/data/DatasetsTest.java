package dev.kvpress.recipe.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.bpe.TokenizerJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {
  private static final Path SHIPPED = Path.of("..", "datasets");
  private static Bpe bpe;
  @TempDir private static Path written;

  @BeforeAll
  static void write() throws Exception {
    bpe = TokenizerJson.read(Path.of("..", "models", "demo", "tokenizer.json"));
    new Datasets(bpe).write(written);
  }

  @Test
  void writesTheShippedFilesByteForByte() throws Exception {
    long total = 0;
    for (String name : List.of("stories", "recall", "recall-multivalue", "dialogues", "questions", "summaries")) {
      Path file = SHIPPED.resolve(name + ".jsonl");
      assertThat(written.resolve(name + ".jsonl")).hasSameTextualContentAs(file);
      total += Files.size(file);
    }
    assertThat(total).isLessThan(3_000_000);
  }

  @Test
  void storiesAreLong() {
    for (ObjectNode row : new Datasets(bpe).stories()) {
      assertThat(bpe.encode(row.get("text").asText())).hasSizeBetween(2200, 2800);
    }
  }

  @Test
  void contextsAreLongAndDepthsEven() throws Exception {
    int[] depths = new int[11];
    for (String line : Files.readAllLines(written.resolve("recall.jsonl"))) {
      JsonNode row = new ObjectMapper().readTree(line);
      assertThat(bpe.encode(row.get("context").asText())).hasSizeBetween(1600, 2300);
      assertThat(row.get("question").asText()).contains("?");
      assertThat(row.get("answer").asText()).isNotBlank();
      depths[row.get("depth").asInt() / 10]++;
    }
    assertThat(depths).containsOnly(9);
  }

  @Test
  void theRightChoiceIsAmongThem() throws Exception {
    for (String line : Files.readAllLines(written.resolve("questions.jsonl"))) {
      JsonNode row = new ObjectMapper().readTree(line);
      assertThat(row.get("choices")).hasSize(4);
      String cue = row.get("question").asText().split("\\? ")[1];
      String right = row.get("choices").get(row.get("answer").asInt()).asText();
      assertThat(row.get("context").asText()).contains(cue + " " + right);
    }
  }
}
