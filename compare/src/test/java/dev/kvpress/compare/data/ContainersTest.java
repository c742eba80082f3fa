package dev.kvpress.compare.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainersTest {
  private static final String LINES =
      "{\"text\": \"one\\u2028\u2028two\", \"n\": 1}\r\n\r\n{\"text\": \"ä\", \"n\": null}\r\n";

  @TempDir Path folder;

  private static List<Row> rows(Path file) {
    List<Row> all = new ArrayList<>();
    try (Rows rows = Containers.open(file)) {
      for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        all.add(row.get());
      }
    }
    return all;
  }

  private Path file(String name, String content) throws Exception {
    Path file = folder.resolve(name);
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out =
            name.endsWith(".gz")
                ? new GZIPOutputStream(raw)
                : name.endsWith(".zst") ? new ZstdOutputStream(raw) : raw) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  @ParameterizedTest
  @CsvSource({"a.jsonl", "a.jsonl.gz", "a.json.zst", "a.ndjson", "a.jsonl.zst", "noending"})
  void readsJsonLinesPackedOrNot(String name) throws Exception {
    List<Row> rows = rows(file(name, "\uFEFF" + LINES));
    assertThat(rows).extracting(Row::line).containsExactly(1, 3);
    assertThat(rows.get(0).text("text")).isEqualTo("one\u2028\u2028two");
    assertThat(rows.get(0).required("n").intValue()).isEqualTo(1);
    assertThat(rows.get(1).text("text")).isEqualTo("ä");
    assertThat(rows.get(1).has("n")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"a.json", "a.json.gz", "a.jsonl.zst"})
  void readsAJsonList(String name) throws Exception {
    List<Row> rows = rows(file(name, " \n[{\"a\": \"x\"},\n {\"a\": [1, {\"b\": 2}]}\n]\n"));
    assertThat(rows).extracting(Row::line).containsExactly(2, 3);
    assertThat(rows.get(1).required("a").at("/1/b").intValue()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a.json | [{\"a\": 1}, 3] | a.json:1: expected an object in the list, found 3",
        "a.json | [{\"a\": 1} | a.json:1: expected a JSON list of objects",
        "a.json | [{\"a\": 1}] x | a.json:1: ",
        "a.jsonl | {\"a\": 1, \"a\": 2} | a.jsonl:1: a name stands twice in an object: 'a'",
        "a.json | [{\"a\": 1, \"a\": 2}] | a.json:1: expected a JSON list of objects, but a name stands twice",
        "a.jsonl | nonsense | a.jsonl:1: expected one JSON object",
        "a.parquet | {} | expected a Parquet file by its name",
      })
  void namesFileAndLineOfWhatIsBroken(String name, String content, String message)
      throws Exception {
    Path file = file(name, content);
    assertThatThrownBy(() -> rows(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void readsCsvWithQuotesLineEndsAndRowNumbers() throws Exception {
    List<Row> rows =
        rows(
            file(
                "a.csv.gz",
                "\uFEFF,text,label\r\n0,\"one, \"\"two\"\"\nthree\u2028\",1\r\n\r\n1,ä,\r\n"));
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).text("text")).isEqualTo("one, \"two\"\nthree\u2028");
    assertThat(rows.get(0).text("Unnamed: 0")).isEqualTo("0");
    assertThat(rows.get(1).text("label")).isEmpty();
    assertThat(rows.get(0).typed()).isFalse();
    assertThat(rows(file("a.tsv", "a\tb\nx\ty, z\n")).get(0).text("b")).isEqualTo("y, z");
  }

  @Test
  void refusesRowsThatAreNoRowsOfTheHeader() throws Exception {
    Path ragged = file("a.csv", "a,b\n1,2\n1,2,3\n");
    assertThatThrownBy(() -> rows(ragged))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("expected 2 values, as many as the header has columns, found 3");
    Path twice = file("d.csv", "a,b,a\n1,2,3\n");
    assertThatThrownBy(() -> rows(twice)).hasMessageContaining("d.csv:1: column a stands twice");
    Path semicolons = file("e.csv", "context;answer\nc;a\n");
    assertThatThrownBy(() -> rows(semicolons))
        .hasMessageContaining("e.csv:1: expected columns separated by commas");
    Path nameless = file("b.csv", "a,,b\n1,2,3\n");
    assertThatThrownBy(() -> rows(nameless)).hasMessageContaining("has no name");
    Path latin = Files.write(folder.resolve("c.csv"), new byte[] {'a', '\n', (byte) 0xE9, '\n'});
    assertThatThrownBy(() -> rows(latin)).hasMessageContaining("expected UTF-8");
  }

  @Test
  void splitsTextAtSeparatorLinesAndDropsBlankPieces() throws Exception {
    List<Row> rows =
        rows(
            file(
                "a.txt",
                "\uFEFF\r\none\r\ntwo\r\n\n<|endoftext|>\n \n<|endoftext|>\n  three<|endoftext|>\nfour"));
    assertThat(rows)
        .extracting(row -> row.text("text"))
        .containsExactly("one\ntwo", "  three<|endoftext|>\nfour");
    assertThat(rows).extracting(Row::line).containsExactly(2, 8);
    assertThat(rows(file("b.txt", "{ int x; }\n\n{\n")).get(0).text("text"))
        .startsWith("{ int x; }");
    assertThat(rows(file("d.txt", "\n{\"question\": 1}\n{}")).get(0).has("question")).isTrue();
    assertThat(rows(file("c.txt", "\n\n<|endoftext|>\n"))).isEmpty();
  }

  @Test
  void aWrappedRequestGivesItsColumns() throws Exception {
    Row row =
        rows(file(
                "a.jsonl",
                "{\"request\": {\"prompt\": \"p\", \"stop\": 1}, \"stop\": 2, \"references\": [\"s\"]}"))
            .get(0);
    assertThat(row.text("prompt")).isEqualTo("p");
    assertThat(row.required("stop").intValue()).isEqualTo(1);
    assertThat(row.texts("references")).containsExactly("s");
  }

  @Test
  void namesWhatItCannotUnpack() throws Exception {
    for (String bytes : List.of("PK\u0003\u0004zip", "BZh91AY", "ARROW1..")) {
      Path file = Files.write(folder.resolve("a.bin"), bytes.getBytes(StandardCharsets.ISO_8859_1));
      assertThatThrownBy(() -> rows(file))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("expected JSON, CSV, Parquet or text, found");
    }
  }

  @Test
  void namesTheLineThatIsNotUtf8AndAbsentFiles() throws Exception {
    Path file = folder.resolve("latin.txt");
    Files.write(file, "fine\ncafé\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> rows(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("latin.txt:2: expected UTF-8")
        .hasMessageContaining("byte 4");
    assertThatThrownBy(() -> rows(folder)).hasMessageContaining("found a folder");
    assertThatThrownBy(() -> rows(folder.resolve("absent.txt")))
        .hasMessageContaining("no such file");
  }

  @Test
  void readsTheSplitsOfADataSetFolder() throws Exception {
    Path set = Files.createDirectories(folder.resolve("set/data"));
    for (String name :
        List.of("train-00000-of-00001.jsonl", "test-00001.jsonl", "test-00000.jsonl")) {
      Files.writeString(set.resolve(name), "{\"text\": \"" + name + "\"}");
    }
    Path root = folder.resolve("set");
    assertThat(DatasetFolder.files(root, Optional.of("test"), Optional.empty()))
        .extracting(path -> path.getFileName().toString())
        .containsExactly("test-00000.jsonl", "test-00001.jsonl");
    assertThatThrownBy(() -> DatasetFolder.files(root, Optional.empty(), Optional.empty()))
        .hasMessageContaining("has the splits")
        .hasMessageContaining("--split");
    assertThatThrownBy(() -> DatasetFolder.files(root, Optional.of("dev"), Optional.empty()))
        .hasMessageContaining("has no split dev");
    Files.writeString(
        root.resolve("README.md"),
        """
        ---
        configs:
        - config_name: small
          data_files:
          - split: validation
            path: data/test-*
        - config_name: large
          data_files: data/train-*
        ---
        text
        """);
    assertThat(DatasetFolder.files(root, Optional.empty(), Optional.of("small"))).hasSize(2);
    assertThat(DatasetFolder.files(root, Optional.of("train"), Optional.of("large"))).hasSize(1);
    assertThatThrownBy(() -> DatasetFolder.files(root, Optional.empty(), Optional.empty()))
        .hasMessageContaining("small, large")
        .hasMessageContaining("--config-name");
  }
}
