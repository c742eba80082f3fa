package dev.kvpress.compare.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentReaderTest {
  @TempDir Path folder;

  private List<Document> read(String name, String content) throws Exception {
    Path file = Files.writeString(folder.resolve(name), content);
    List<Document> documents = new ArrayList<>();
    try (DocumentReader reader = DocumentReader.open(file)) {
      for (Optional<Document> d = reader.next(); d.isPresent(); d = reader.next()) {
        documents.add(d.get());
      }
    }
    return documents;
  }

  private static String text(Document document) {
    return ((Document.Text) document.content()).text();
  }

  @Test
  void splitsTextAtSeparatorLinesAndDropsBlankPieces() throws Exception {
    List<Document> documents =
        read("a.txt", "\none\ntwo\n\n<|endoftext|>\n \n<|endoftext|>\n  three<|endoftext|>\nfour");
    assertThat(documents)
        .extracting(DocumentReaderTest::text)
        .containsExactly("one\ntwo", "  three<|endoftext|>\nfour");
    assertThat(documents).extracting(Document::line).containsExactly(2, 8);
    assertThat(documents).extracting(Document::index).containsExactly(0, 1);
  }

  @Test
  void readsWindowsLineEndsAndAByteOrderMark() throws Exception {
    assertThat(read("a.txt", "\uFEFFone\r\ntwo\r\n<|endoftext|>\r\nthree\r\n"))
        .extracting(DocumentReaderTest::text)
        .containsExactly("one\ntwo", "three");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"content\": \"c\", \"text\": \"t\"} | t",
        "{\"title\": \"a\", \"content\": \"c\"} | c",
        "{\"id\": 7, \"question\": \"q\", \"answer\": \"a\"} | q",
        "{\"text\": \"t\", \"text\": \"u\"} | u",
      })
  void takesTextThenContentThenTheFirstString(String line, String expected) throws Exception {
    assertThat(text(read("a.jsonl", line).get(0))).isEqualTo(expected);
  }

  @Test
  void readsTokenIdsAndContextTokens() throws Exception {
    List<Document> documents =
        read(
            "a.JSON",
            "{\"text\": \"t\", \"token_ids\": [1, 2, 3], \"context_tokens\": 2}\n\n{\"text\": \"u\"}");
    assertThat(documents.get(0).contextTokens()).hasValue(2);
    assertThat(((Document.TokenIds) documents.get(0).content()).ids().asList())
        .containsExactly(1, 2, 3);
    assertThat(documents.get(1).line()).isEqualTo(3);
    assertThat(documents.get(1).index()).isEqualTo(1);
    assertThat(documents.get(1).contextTokens()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nonsense | expected one JSON object",
        "{\"text\": \"a\"} trailing | expected one JSON object",
        "{\"text\": | expected one JSON object",
        "[ | expected one JSON object",
        "[1, 2] | expected one JSON object",
        "{\"a\": 1, \"b\": null} | found only a, b",
        "{} | found no field",
        "{\"text\": 3} | text: expected a string, found a number",
        "{\"text\": null} | text: expected a string, found null",
        "{\"content\": [\"a\"]} | content: expected a string, found a list",
        "{\"token_ids\": \"1 2\"} | token_ids: expected a list of integers, found a string",
        "{\"token_ids\": [1, 2.5]} | token_ids[1]: expected an integer of 0 or more, found 2.5",
        "{\"token_ids\": [1, \"2\"]} | token_ids[1]: expected an integer of 0 or more, found a string",
        "{\"token_ids\": [-1]} | token_ids[0]: expected an integer of 0 or more, found -1",
        "{\"token_ids\": [4294967297]} | token_ids[0]: expected an integer of 0 or more, found 4294967297",
        "{\"text\": \"a\", \"context_tokens\": 0} | context_tokens: expected an integer of at least 1",
        "{\"text\": \"a\", \"context_tokens\": \"9\"} | context_tokens: expected an integer of at least 1",
      })
  void namesFileAndLineOfBrokenJsonLines(String line, String message) {
    assertThatThrownBy(() -> read("a.jsonl", "{\"text\": \"fine\"}\n\n" + line + "\n"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a.jsonl:3: ")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource({"a.txt,''", "a.jsonl,''", "a.txt,'\n\n<|endoftext|>\n'", "a.jsonl,'\n \n'"})
  void refusesFilesWithoutADocument(String name, String content) {
    assertThatThrownBy(() -> read(name, content))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("found none");
  }

  @Test
  void namesTheLineThatIsNotUtf8() throws Exception {
    Path file = folder.resolve("latin.txt");
    Files.write(file, "fine\ncafé\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> DocumentReader.open(file).next())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("latin.txt:2: expected UTF-8")
        .hasMessageContaining("byte 4");
  }

  @Test
  void refusesFoldersAndAbsentFiles() {
    assertThatThrownBy(() -> DocumentReader.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("found a folder");
    assertThatThrownBy(() -> DocumentReader.open(folder.resolve("absent.txt")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void readsLinesLongerThanItsBuffer() throws Exception {
    String longLine = "ä".repeat(100_000);
    assertThat(read("a.txt", longLine + "\n<|endoftext|>\nb"))
        .extracting(DocumentReaderTest::text)
        .containsExactly(longLine, "b");
  }
}
