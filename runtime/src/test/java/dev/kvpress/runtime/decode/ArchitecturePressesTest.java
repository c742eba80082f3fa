package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.floats;
import static dev.kvpress.runtime.decode.DecodeFixtures.ints;
import static dev.kvpress.runtime.decode.DecodeFixtures.positions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.TestProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every architecture with what presses ask for: the same tokens stay and the same text follows,
 * however the prompt was cut into chunks; signals are those of the original modelling code.
 */
@Tag(TestProvider.TAG)
class ArchitecturePressesTest {
  private static final List<String> PRESSES =
      List.of(
          "h2o(local_window_size=4)",
          "snapkv(window_size=4,kernel_size=3)",
          "knorm",
          "expected_attention(n_future_positions=8,n_sink=2)",
          "adakv(snapkv(window_size=4,kernel_size=3))",
          "criticalkv(snapkv(window_size=4,kernel_size=3))");
  private static final int ROWS = 4;
  private static final Set<Signal> ALL_SIGNALS =
      Set.of(
          new Signal.AttentionSums(),
          new Signal.AttentionRows(ROWS),
          new Signal.Queries(Signal.ALL, false),
          new Signal.Queries(Signal.ALL, true),
          new Signal.HiddenStates(),
          new Signal.OutputProjection());

  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void chunksDoNotMatterToAnyPress(Path folder) {
    JsonNode reference = ReferenceFolders.reference(folder);
    int[] prompt = ints(reference.get("input_ids").get(0));
    int[] next = ints(reference.get("call2").get("input_ids").get(0));
    try (DecoderModel model = DecoderModel.open(folder, DecodeFixtures.oneThread(cache));
        Context chunked = model.start(1, ALL_SIGNALS);
        Context whole = model.start(1, ALL_SIGNALS)) {
      float[] expected = floats(reference.get("logits").get(0).get(prompt.length - 1));
      assertClose(chunked.prefill(prompt, 5), 0, expected, 2e-4);
      assertClose(whole.prefill(prompt, prompt.length), 0, expected, 2e-4);
      assertSignals(chunked, reference);
      assertSignals(whole, reference);
      for (String spec : PRESSES) {
        ModelPress press = PressCatalog.load().make(spec).press();
        if (refusedForWantOfRotation(model, spec, press)) {
          continue;
        }
        try (Context one = chunked.fork();
            Context other = whole.fork()) {
          assertSameEnd(spec, model, press, List.of(one, other), next);
        }
      }
      continuesFromTheReferencesCaches(model, chunked, reference);
    }
  }

  private static boolean refusedForWantOfRotation(
      DecoderModel model, String spec, ModelPress press) {
    boolean rotary = press.needs().contains(new Signal.Rotary());
    if (!rotary || model.refusal(new Signal.Rotary()).isEmpty()) {
      return false;
    }
    assertThatThrownBy(() -> model.requireSignals(spec, press.needs()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(model.info().architecture() + " has no rotary embedding");
    return true;
  }

  private static void assertSameEnd(
      String spec, DecoderModel model, ModelPress press, List<Context> contexts, int[] next) {
    List<Logits> after = new ArrayList<>();
    for (Context context : contexts) {
      context.compress(press, Budget.ratio(0.5));
      assertThat(context.keptTokens()).as(spec).isLessThan(context.seenTokens());
      context.stopObserving();
      after.add(context.forward(Arrays.copyOf(next, next.length - 1)));
      after.add(context.forward(next[next.length - 1]));
    }
    assertThat(positions(contexts.get(0), model, 1))
        .as(spec)
        .isEqualTo(positions(contexts.get(1), model, 1));
    assertClose(after.get(0), after.get(2), 1e-4);
    assertClose(after.get(1), after.get(3), 1e-4);
  }

  /** Cuts by hand, then goes on at true positions, as the original code was made to do. */
  private static void continuesFromTheReferencesCaches(
      DecoderModel model, Context prefilled, JsonNode reference) {
    int layers = model.info().layers();
    for (String name : List.of("call2", "call2_pruned", "call2_pruned_by_layer")) {
      JsonNode call = reference.get(name);
      try (Context context = prefilled.fork()) {
        if (call.has("kept")) {
          JsonNode kept = call.get("kept");
          int[][] byLayer =
              IntStream.range(0, layers)
                  .mapToObj(l -> ints(kept.get(0).isArray() ? kept.get(l) : kept))
                  .toArray(int[][]::new);
          context.compress(
              DecodeFixtures.Keep.ofLayers(1, model.info().kvHeads(), byLayer), Budget.ratio(0.5));
        }
        context.stopObserving();
        Logits logits = context.forward(ints(call.get("input_ids").get(0)));
        for (int q = 0; q < logits.rows(); q++) {
          assertClose(logits, q, floats(call.get("logits").get(0).get(q)), 2e-4);
        }
      }
    }
  }

  private static void assertSignals(Context context, JsonNode reference) {
    Look look = new Look();
    context.compress(look, Budget.ratio(0.5));
    for (LayerSignals layer : look.seen()) {
      JsonNode attention = reference.get("attentions").get(layer.layer()).get(0);
      int tokens = attention.get(0).size();
      for (int h = 0; h < layer.queryHeads(); h++) {
        float[][] rows = new float[tokens][];
        for (int q = 0; q < tokens; q++) {
          rows[q] = floats(attention.get(h).get(q));
        }
        assertAttention(layer, h, rows);
      }
      assertThat(layer.hiddenStates().size(1)).isEqualTo(tokens);
      assertThat(layer.outputProjection().size(1))
          .isEqualTo(layer.queryHeads() * layer.keys().size());
      assertRotation(layer, look.rotary);
    }
  }

  private static void assertAttention(LayerSignals layer, int head, float[][] rows) {
    int tokens = rows.length;
    float[] row = new float[tokens];
    for (int i = 0; i < ROWS; i++) {
      layer.attention().readRow(0, head, i, row, tokens);
      for (int t = 0; t < tokens; t++) {
        assertThat(row[t]).isCloseTo(rows[tokens - ROWS + i][t], offset(4e-4f));
      }
    }
    for (int t = 0; t < tokens; t++) {
      double sum = 0;
      for (float[] each : rows) {
        sum += each[t];
      }
      assertThat((float) layer.attention().sum(0, head, t))
          .isCloseTo((float) sum, offset((float) (4e-4 * (1 + sum))));
    }
  }

  private static org.assertj.core.data.Offset<Float> offset(float value) {
    return org.assertj.core.data.Offset.offset(value);
  }

  /** What presses know of the rotation is what the graph does. */
  private static void assertRotation(LayerSignals layer, boolean known) {
    FloatTensor plain = layer.queriesPreRope();
    FloatTensor turned = layer.queries();
    int size = plain.size(3);
    int tokens = plain.size(2);
    float[] before = new float[size];
    for (int i = 0; i < layer.queryHeads() * tokens; i++) {
      plain.read(i * size, before, size);
      double[] wide = new double[size];
      Arrays.setAll(wide, c -> before[c]);
      RotaryParameters rotary = known ? layer.rotary() : RotaryParameters.none();
      rotary.rotate(wide, i % tokens);
      for (int c = 0; c < size; c++) {
        float after = turned.get(i * size + c);
        assertThat((float) wide[c]).isCloseTo(after, offset(1e-4f * (1 + Math.abs(after))));
      }
      rotary.unrotate(wide, i % tokens);
      for (int c = 0; c < size; c++) {
        assertThat((float) wide[c]).isCloseTo(before[c], offset(1e-4f * (1 + Math.abs(before[c]))));
      }
    }
  }

  /** Keeps everything and remembers what it was shown. */
  private static final class Look implements Press {
    private final Map<Integer, LayerSignals> shown = new ConcurrentSkipListMap<>();
    private volatile boolean rotary;

    List<LayerSignals> seen() {
      return List.copyOf(shown.values());
    }

    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      try {
        rotary = layer.rotary() != null;
      } catch (RuntimeException e) {
        rotary = false;
      }
      shown.put(layer.layer(), layer);
      return CacheEdit.none();
    }

    @Override
    public Set<Phase> phases() {
      return Set.of(Phase.PREFILL);
    }
  }
}
