package dev.kvpress.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class GoldenTest {
  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  @Test
  void loadsAFileByNameWithTheSizesItStates() {
    JsonNode input = Golden.load("snapkv").at("/inputs/a");
    int[] shape = Golden.shape(input.get("keys"));
    assertThat(shape)
        .containsExactly(
            input.get("B").asInt(),
            input.get("Hkv").asInt(),
            input.get("T").asInt(),
            input.get("D").asInt());
    assertThat(Golden.floats(input.get("keys")))
        .hasSize(shape[0] * shape[1] * shape[2] * shape[3])
        .startsWith(-0.340144f, -0.9278758f);
  }

  @Test
  void flattensRowMajorAndReadsTheNamedNumbers() throws Exception {
    assertThat(Golden.floats(json("[[1, 2.5], [\"inf\", \"-inf\"], [\"nan\", \"fmax\"]]")))
        .containsExactly(
            1f, 2.5f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, Float.MAX_VALUE);
  }

  @Test
  void flattensRaggedListsButGivesThemNoShape() throws Exception {
    JsonNode ragged = json("[[0, 3], [1]]");
    assertThat(Golden.ints(ragged)).containsExactly(0, 3, 1);
    assertThatThrownBy(() -> Golden.shape(ragged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2]")
        .hasMessageContaining("[1]");
  }

  @Test
  void rejectsWhatIsNoNumber() throws Exception {
    JsonNode words = json("[1, \"many\"]");
    assertThatThrownBy(() -> Golden.floats(words)).hasMessageContaining("\"many\"");
    JsonNode fraction = json("[1, 2.5]");
    assertThatThrownBy(() -> Golden.ints(fraction)).hasMessageContaining("2.5");
  }

  @Test
  void namesTheFileThatIsMissing() {
    assertThatThrownBy(() -> Golden.load("no_such_press"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no_such_press");
  }
}
