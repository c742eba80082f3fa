package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.rule.FinchPress;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Finch, with and without chunks, against kvpress's own code on tiny models. */
class FinchReferenceTest {
  @TempDir static Path cache;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void keepsTheTokensAndMovesTheKeysAsKvpress(String name) throws IOException {
    Path reference = Path.of("../test-data/reference");
    JsonNode figures =
        JsonMapper.builder()
            .build()
            .readTree(reference.resolve("relatives/finch.json").toFile())
            .get(name);
    Path folder = reference.resolve("architectures").resolve(name);
    try (DecoderModel model = DecoderModel.open(folder, DecodeFixtures.oneThread(cache))) {
      assertThat(figures.get("cases")).isNotEmpty();
      for (JsonNode one : figures.get("cases")) {
        Recording press = new Recording(press(one));
        try (Context context = model.start(1, press.needs())) {
          context.prefill(DecodeFixtures.ints(figures.get("ids")), 7);
          context.compress(press, Budget.ratio(one.get("ratio").asDouble()));
          for (int l = 0; l < one.get("layers").size(); l++) {
            assertLayer(
                press.edits.get(l), one.get("layers").get(l), one.get("rerotate").asBoolean());
          }
        }
      }
    }
  }

  private static FinchPress press(JsonNode one) {
    JsonNode chunk = one.get("chunk");
    return new FinchPress(
        one.get("window").asInt(),
        chunk.isNull() ? OptionalInt.empty() : OptionalInt.of(chunk.asInt()),
        one.get("normalize").asBoolean(),
        one.get("rerotate").asBoolean());
  }

  private static void assertLayer(CacheEdit edit, JsonNode expected, boolean rerotated) {
    KeptSlots kept = edit.kept().orElseThrow();
    for (int g = 0; g < expected.get("kept").size(); g++) {
      int[] positions = DecodeFixtures.ints(expected.get("kept").get(g));
      assertThat(kept.of(0, g)).containsExactly(positions);
      assertThat(edit.keys().isPresent()).isEqualTo(rerotated);
      if (rerotated) {
        assertThat(edit.nextPosition()).hasValue(positions.length);
        assertKeys(edit.keys().orElseThrow(), g, expected.get("keys").get(g));
      }
    }
  }

  private static void assertKeys(HeadVectors keys, int head, JsonNode expected) {
    float[] key = new float[keys.size()];
    for (int i = 0; i < expected.size(); i++) {
      keys.read(0, head, i, key);
      assertThat(key).containsExactly(DecodeFixtures.floats(expected.get(i)), within(2e-5f));
    }
  }

  /** A press whose edits can be looked at. */
  private record Recording(Press press, Map<Integer, CacheEdit> edits) implements Press {
    Recording(Press press) {
      this(press, new ConcurrentHashMap<>());
    }

    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      CacheEdit edit = press.compress(layer, budget);
      edits.put(layer.layer(), edit);
      return edit;
    }

    @Override
    public Set<Signal> needs() {
      return press.needs();
    }

    @Override
    public boolean movesTokens() {
      return press.movesTokens();
    }
  }
}
