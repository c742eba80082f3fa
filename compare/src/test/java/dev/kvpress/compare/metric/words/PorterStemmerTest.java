package dev.kvpress.compare.metric.words;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.metric.OriginalFigures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PorterStemmerTest {
  @Test
  void stemsAreThoseOfNltk() throws IOException {
    List<String> stems = OriginalFigures.stems();
    assertThat(stems).hasSizeGreaterThan(5000);
    List<String> others = new ArrayList<>();
    for (String line : stems) {
      int blank = line.indexOf(' ');
      String found = PorterStemmer.stem(line.substring(0, blank));
      if (!found.equals(line.substring(blank + 1))) {
        others.add(line + ", found " + found);
      }
    }
    assertThat(others).isEmpty();
  }
}
