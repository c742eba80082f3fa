package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.ort.Provider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What tests of contexts share. */
final class DecodeFixtures {
  private DecodeFixtures() {}

  /**
   * For models of a few numbers, which gain nothing from several threads: making and stopping these
   * is what takes the time of tests that open many.
   */
  static DecoderOptions oneThread(Path cache) {
    return new DecoderOptions(TestProvider.chosen(), 0, 1, cache);
  }

  static DecoderOptions allThreads(Path cache) {
    return new DecoderOptions(TestProvider.chosen(), 0, 0, cache);
  }

  /** For tests whose sessions are of the processor, wherever others run. */
  static DecoderOptions cpu(int threads, Path cache) {
    return new DecoderOptions(Provider.CPU, 0, threads, cache);
  }

  static DecoderModel open(String model, Path cache) {
    return DecoderModel.open(SharedModels.path("models/" + model), allThreads(cache));
  }

  static JsonNode json(String relative) {
    try {
      return JsonMapper.builder().build().readTree(SharedModels.path(relative).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int[] ints(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).asInt()).toArray();
  }

  /** Tokens of a story of the trained model's kind. */
  static int[] storyIds(int from, int to) {
    JsonNode sample = json("reference/stories260K-parity.json").get("samples").get(0);
    return Arrays.copyOfRange(ints(sample.get("ids")), from, to);
  }

  /** A press that keeps given slots. */
  record Keep(int[][][] slotsOfHeadsByLayer) implements Press {
    /** The same slots in every head of a layer. */
    static Keep ofLayers(int batch, int kvHeads, int[]... layers) {
      int[][][] all = new int[layers.length][batch * kvHeads][];
      for (int l = 0; l < layers.length; l++) {
        Arrays.fill(all[l], layers[l]);
      }
      return new Keep(all);
    }

    /** The same slots in every layer. */
    static Keep ofHeads(int layers, int[]... heads) {
      int[][][] all = new int[layers][][];
      Arrays.fill(all, heads);
      return new Keep(all);
    }

    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      return CacheEdit.keep(
          new KeptSlots(layer.batch(), layer.kvHeads(), slotsOfHeadsByLayer[layer.layer()]));
    }

    @Override
    public Set<Phase> phases() {
      return EnumSet.allOf(Phase.class);
    }
  }

  /** Original positions of all heads of all layers. */
  static List<List<Integer>> positions(Context context, DecoderModel model, int batch) {
    List<List<Integer>> all = new ArrayList<>();
    for (int l = 0; l < model.info().layers(); l++) {
      for (int b = 0; b < batch; b++) {
        for (int g = 0; g < model.info().kvHeads(); g++) {
          all.add(Arrays.stream(context.positions(l, b, g)).boxed().toList());
        }
      }
    }
    return all;
  }

  static float[] row(Logits logits, int row) {
    float[] values = new float[logits.vocabulary()];
    for (int v = 0; v < values.length; v++) {
      values[v] = logits.get(row, v);
    }
    return values;
  }

  static float[][] rows(Logits logits) {
    return IntStream.range(0, logits.rows()).mapToObj(r -> row(logits, r)).toArray(float[][]::new);
  }

  /** Closeness by {@code tolerance · (1 + |expected|)}. */
  static void assertClose(Logits actual, int row, float[] expected, double tolerance) {
    assertThat(expected).hasSize(actual.vocabulary());
    for (int v = 0; v < expected.length; v++) {
      assertThat((double) Math.abs(actual.get(row, v) - expected[v]))
          .as("row %d token %d: %s against %s", row, v, actual.get(row, v), expected[v])
          .isLessThanOrEqualTo(tolerance * (1 + Math.abs(expected[v])));
    }
  }

  static void assertClose(Logits actual, Logits expected, double tolerance) {
    assertThat(actual.rows()).isEqualTo(expected.rows());
    for (int r = 0; r < actual.rows(); r++) {
      assertClose(actual, r, row(expected, r), tolerance);
    }
  }

  static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).floatValue();
    }
    return values;
  }
}
