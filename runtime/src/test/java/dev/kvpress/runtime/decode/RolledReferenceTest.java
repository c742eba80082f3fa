package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.export.TestProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rolled positions against a forward pass of its own in float64 (test-data/reference/rolled): after
 * evictions that leave every head another number of tokens, in steps of one and of several tokens.
 */
@Tag(TestProvider.TAG)
class RolledReferenceTest {
  private static final Path REFERENCE = Path.of("../test-data/reference");

  @TempDir static Path cache;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama-rope-yarn",
        "llama-rope-dynamic-crossing",
        "mistral-window",
        "smollm3",
        "gptj",
        "gpt-neox-sequential",
        "bloom"
      })
  void logitsAndAttentionAgreeAfterEvictions(String name) throws IOException {
    JsonNode steps =
        JsonMapper.builder()
            .build()
            .readTree(REFERENCE.resolve("rolled/" + name + ".json").toFile())
            .get("steps");
    Path folder = REFERENCE.resolve("architectures/" + name);
    try (DecoderModel model = DecoderModel.open(folder, DecodeFixtures.oneThread(cache));
        Context context = model.start(1, Set.of(new Signal.AttentionSums()), Positions.ROLLED)) {
      for (JsonNode step : steps) {
        Logits logits = context.forward(DecodeFixtures.ints(step.get("ids")));
        for (int q = 0; q < logits.rows(); q++) {
          assertClose(logits, q, DecodeFixtures.floats(step.get("logits").get(q)), 2e-4);
        }
        context.compress(new AsThere(step), Budget.FULL);
      }
      assertThat(context.keptTokens()).isLessThan(context.seenTokens() / 2);
    }
  }

  /** Keeps what the reference has kept, once the sums are those of the reference. */
  private record AsThere(JsonNode step) implements Press {
    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      JsonNode sums = step.get("sums").get(layer.layer());
      for (int h = 0; h < layer.queryHeads(); h++) {
        float[] expected = DecodeFixtures.floats(sums.get(h));
        assertThat(layer.length(0, h / layer.groupSize())).isEqualTo(expected.length);
        double[] own = new double[expected.length];
        layer.attention().addSums(0, h, own, own.length);
        for (int j = 0; j < own.length; j++) {
          assertThat(Math.abs(own[j] - expected[j]))
              .as("sum of layer %d head %d slot %d", layer.layer(), h, j)
              .isLessThan(1e-4);
        }
      }
      JsonNode kept = step.get("kept").get(layer.layer());
      int[][] slots = new int[kept.size()][];
      for (int g = 0; g < slots.length; g++) {
        slots[g] = DecodeFixtures.ints(kept.get(g));
      }
      return CacheEdit.keep(new KeptSlots(1, slots.length, slots));
    }

    @Override
    public Set<Phase> phases() {
      return EnumSet.allOf(Phase.class);
    }
  }
}
