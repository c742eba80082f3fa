package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ChunkPlanTest {
  @Test
  void theShortChunkGoesFirst() {
    assertThat(ChunkPlan.of(300, 64, 0)).containsExactly(44, 64, 64, 64, 64);
    assertThat(ChunkPlan.of(128, 64, 0)).containsExactly(64, 64);
    assertThat(ChunkPlan.of(5, 64, 0)).containsExactly(5);
  }

  @Test
  void theLastChunkHoldsTheWindow() {
    assertThat(ChunkPlan.of(300, 7, 64)).endsWith(7, 64).startsWith(5);
    assertThat(ChunkPlan.of(50, 7, 64)).containsExactly(50);
    assertThat(ChunkPlan.of(70, 7, 64)).containsExactly(6, 64);
  }

  @Test
  void everyPlanAddsUpInChunksOfTheAskedSize() {
    for (int tokens = 1; tokens < 40; tokens++) {
      for (int chunk = 1; chunk < 45; chunk++) {
        for (int window : new int[] {0, 1, 5, 50, Integer.MAX_VALUE}) {
          int[] sizes = ChunkPlan.of(tokens, chunk, window);
          assertThat(Arrays.stream(sizes).sum()).isEqualTo(tokens);
          assertThat(sizes[sizes.length - 1]).isGreaterThanOrEqualTo(Math.min(tokens, window));
          for (int i = 0; i < sizes.length - 1; i++) {
            assertThat(sizes[i]).isBetween(1, chunk);
          }
        }
      }
    }
    assertThatThrownBy(() -> ChunkPlan.of(3, 0, 0)).hasMessageContaining("chunk size");
  }
}
