package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ExportedModel;
import dev.kvpress.runtime.export.QuantizedFolders;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.OutputProjections;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that come quantized, as users open them: with the engine's own products. */
class QuantizedModelTest {
  /**
   * Rounding activations to 8 bits moves logits by this part of their size; measured up to 0.044.
   */
  private static final double ROUNDED_ACTIVATIONS = 0.06;

  private static final double EXACT = 2e-5;

  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return QuantizedFolders.all();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void logitsAreNearTheOriginal(Path folder) {
    assertThat(error(folder, DecoderOptions.cpu(cache))).isLessThan(ROUNDED_ACTIVATIONS);
  }

  @ParameterizedTest
  @MethodSource("folders")
  void withFloatsTheyAreTheOriginals(Path folder) {
    DecoderOptions options = DecoderOptions.cpu(cache).with(WeightFormat.F32);
    assertThat(error(folder, options)).isLessThan(EXACT);
  }

  /** Presses that read output projections get the weights of the inputs as they are. */
  @ParameterizedTest
  @ValueSource(strings = {"gptq-4", "gptq-4-act-order", "gptq-4-rows", "gptq-8", "gptq-3", "awq"})
  void outputProjectionsAreThoseOfTheNumbers(String name) {
    Path folder = QuantizedFolders.named(name);
    ExportCache exports = ExportCache.of(cache);
    OutputProjections stored = projections(exports.export(folder));
    OutputProjections wide =
        projections(exports.export(folder, WeightFormat.F32, Optional.empty()));
    for (int layer = 0; layer < 2; layer++) {
      FloatTensor expected = wide.tensor(layer);
      FloatTensor found = stored.tensor(layer);
      for (int i = 0; i < 64 * 64; i++) {
        assertThat(found.get(i)).isEqualTo(expected.get(i));
      }
    }
  }

  private static OutputProjections projections(ExportedModel model) {
    OutputProjections found = OutputProjections.of(DecoderGraph.read(model.decomposed()), 64);
    assertThat(found.refusal()).isEmpty();
    return found;
  }

  /** How far the logits of all but the first half of the tokens are from the original's. */
  private static double error(Path folder, DecoderOptions options) {
    JsonNode reference = ReferenceFolders.reference(folder);
    int[] ids =
        StreamSupport.stream(reference.get("input_ids").spliterator(), false)
            .mapToInt(JsonNode::intValue)
            .toArray();
    double error = 0;
    double size = 0;
    try (DecoderModel model = DecoderModel.open(folder, options);
        Context context = model.start(1, Set.<Signal>of())) {
      int half = ids.length / 2;
      Logits logits = context.prefill(Arrays.copyOf(ids, half), half);
      for (int t = half - 1; t < ids.length; t++) {
        JsonNode row = reference.get("logits").get(t);
        for (int v = 0; v < row.size(); v++) {
          error += Math.pow(logits.get(0, v) - row.get(v).doubleValue(), 2);
          size += Math.pow(row.get(v).doubleValue(), 2);
        }
        if (t + 1 < ids.length) {
          logits = context.forward(ids[t + 1]);
        }
      }
    }
    return Math.sqrt(error / size);
  }
}
