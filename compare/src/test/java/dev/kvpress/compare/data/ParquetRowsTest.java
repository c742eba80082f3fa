package dev.kvpress.compare.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetRowsTest {
  private static final Path FILES =
      Path.of(System.getProperty("kvpress.root"), "test-data/reference/parquet");

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

  @ParameterizedTest
  @ValueSource(strings = {"hub", "snappy", "gzip", "zstd", "none", "legacy"})
  void rowsAreThoseOfTheJsonLines(String name) {
    List<JsonNode> expected = new ArrayList<>();
    rows(FILES.resolve("rows.jsonl")).forEach(row -> expected.add(row.values()));
    List<Row> found = rows(FILES.resolve(name + ".parquet"));
    assertThat(found)
        .extracting(row -> row.values().toString())
        .containsExactlyElementsOf(expected.stream().map(JsonNode::toString).toList());
    assertThat(found).extracting(Row::line).containsExactly(1, 2);
  }

  @Test
  void namesWhatItCannotRead() throws Exception {
    assertThatThrownBy(() -> rows(FILES.resolve("brotli.parquet")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("brotli.parquet")
        .hasMessageContaining("BROTLI, expected snappy, gzip or zstd");
    byte[] bytes = Files.readAllBytes(FILES.resolve("hub.parquet"));
    Path half = Files.write(folder.resolve("h.parquet"), Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> rows(half))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is no whole Parquet file");
  }

  @Test
  void bytesAreNoText() {
    Row row = rows(FILES.resolve("bytes.parquet")).get(0);
    assertThatThrownBy(() -> row.text("text")).hasMessageContaining("text: expected a string");
  }

  /** Digits alone would be other numbers. */
  @Test
  void decimalAndUnsignedNumbersAreWhatTheyMean() {
    Row row = rows(FILES.resolve("numbers.parquet")).get(0);
    assertThat(row.values().toString())
        .isEqualTo(
            "{\"small\":123.45,\"large\":-12345678901.25,\"huge\":1234567890123456789012.5,"
                + "\"u8\":200,\"u32\":4294967295,\"u64\":18446744073709551615}");
  }
}
