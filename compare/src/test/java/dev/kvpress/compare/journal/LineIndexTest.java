package dev.kvpress.compare.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LineIndexTest {
  private static final int MANY = 50_000;

  @Test
  void findsTheLastNumberOfEachOfManyTexts() {
    LineIndex index = new LineIndex();
    for (int i = 0; i < MANY; i++) {
      index.put("key " + i, i);
    }
    for (int i = 0; i < MANY; i += 3) {
      index.put("key " + i, 7L * i);
    }
    for (int i = 0; i < MANY; i++) {
      assertThat(index.get("key " + i)).isEqualTo(i % 3 == 0 ? 7L * i : i);
    }
    assertThat(index.get("key " + MANY)).isEqualTo(LineIndex.NONE);
    assertThat(index.get("")).isEqualTo(LineIndex.NONE);
  }

  @Test
  void placesBeyondFourGibibytesAreKept() {
    LineIndex index = new LineIndex();
    index.put("far", 1L << 45);
    assertThat(index.get("far")).isEqualTo(1L << 45);
  }
}
