package dev.kvpress.compare.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonLinesTest {
  private static JsonLines lines(String text) {
    return JsonLines.of(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), "standard input");
  }

  @Test
  void countsBlankLinesButPassesOverThem() {
    try (JsonLines lines = lines("\n{\"a\": 1}\r\n\n{\"b\": 2}")) {
      Line first = lines.next().orElseThrow();
      assertThat(first.number()).isEqualTo(2);
      assertThat(first.object().get("a").intValue()).isEqualTo(1);
      assertThat(lines.next().orElseThrow().place()).isEqualTo("standard input:4: ");
      assertThat(lines.next()).isEmpty();
    }
  }

  @Test
  void goesOnBehindALineThatIsNoJsonOrNoUtf8() {
    try (JsonLines lines = lines("{broken\n\u00e9\n{\"b\": 2}\n")) {
      Line broken = lines.next().orElseThrow();
      assertThatThrownBy(broken::object)
          .isInstanceOf(DataException.class)
          .hasMessageContaining("standard input:1: ")
          .hasMessageContaining("{broken");
      assertThatThrownBy(lines::next).hasMessageContaining("standard input:2: expected UTF-8");
      assertThat(lines.next().orElseThrow().object().get("b").intValue()).isEqualTo(2);
    }
  }

  @Test
  void readsTheNonFiniteNumbersThatPythonWrites() {
    Line line = new Line("cases.jsonl", 1, "{\"a\": [NaN, Infinity, -Infinity]}");
    assertThat(line.object().at("/a/0").doubleValue()).isNaN();
    assertThat(line.object().at("/a/2").doubleValue()).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void refusesEndlessNestingInOneLine() {
    Line line = new Line("cases.jsonl", 1, "{\"a\":" + "[".repeat(100_000));
    assertThatThrownBy(line::object)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cases.jsonl:1: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void namesTheLineAfterWhichReadingFailed() {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("disk gone");
          }
        };
    assertThatThrownBy(() -> JsonLines.of(failing, "data").next())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data")
        .hasMessageContaining("disk gone");
  }
}
