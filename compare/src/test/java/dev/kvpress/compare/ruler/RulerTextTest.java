package dev.kvpress.compare.ruler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.shape.catalog.DataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulerTextTest {
  @TempDir Path folder;

  @Test
  void splitsAtTheEndsOfSentencesAndParagraphs() {
    assertThat(RulerText.sentences("One two. \"Three?\" asked Ida. Four\nfive!\n\nA title\n\nSix"))
        .containsExactly("One two.", "\"Three?\"", "asked Ida.", "Four five!", "A title", "Six");
  }

  @Test
  void splitsTextsOfOtherScriptsAndWithoutMarks() {
    assertThat(RulerText.sentences("\u96e8\u304c\u964d\u308b\u3002\u98a8\uff01end"))
        .containsExactly("\u96e8\u304c\u964d\u308b\u3002", "\u98a8\uff01", "end");
    assertThat(RulerText.sentences("word ".repeat(130)))
        .extracting(sentence -> sentence.split(" ").length)
        .containsExactly(60, 60, 10);
  }

  @Test
  void beginsAgainWhereItEnds() {
    RulerText text = RulerText.of("One. Two. Three.");
    assertThat(text.size()).isEqualTo(3);
    assertThat(text.sentence(4)).isEqualTo("Two.");
    assertThat(text.sentence(-1)).isEqualTo("Three.");
  }

  @Test
  void readsAllDocumentsOfAFile() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("a.jsonl"), "{\"text\": \"One. Two\"}\n{\"text\": \"Three.\"}");
    assertThat(RulerText.ofDocuments(file, DataSource.of(file, "perplexity").documents()).size())
        .isEqualTo(2);
  }

  @Test
  void refusesFilesWithoutText() throws Exception {
    Path file = Files.writeString(folder.resolve("a.jsonl"), "{\"token_ids\": [1, 2]}");
    assertThatThrownBy(
            () -> RulerText.ofDocuments(file, DataSource.of(file, "perplexity").documents()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("found only token ids");
  }
}
