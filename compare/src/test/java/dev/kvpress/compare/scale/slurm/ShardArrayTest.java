package dev.kvpress.compare.scale.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardArrayTest {
  @Test
  void countsFromOne() {
    assertThat(ShardArray.parse("16").directive()).isEqualTo("1-16");
    assertThat(ShardArray.parse(" 16%4 ").directive()).isEqualTo("1-16%4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-3", "3%0", "1-16", "", "3%", "many", "12345678901"})
  void refusesWhatIsNoNumberOfShards(String typed) {
    assertThatThrownBy(() -> ShardArray.parse(typed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16%4")
        .hasMessageContaining("'" + typed + "'");
  }
}
