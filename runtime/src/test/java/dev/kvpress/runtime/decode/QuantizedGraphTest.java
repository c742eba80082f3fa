package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.ZooGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Models with quantized matrices: every press as on the numbers that these stand for. */
class QuantizedGraphTest {
  private static final List<String> PRESSES =
      List.of(
          "knorm",
          "h2o(local_window_size=4)",
          "snapkv(window_size=4,kernel_size=3)",
          "adakv(snapkv(window_size=4,kernel_size=3))",
          "criticalkv(knorm)",
          "critical_adakv(snapkv(window_size=4,kernel_size=3))");

  @TempDir Path folder;

  /** Looks at what projects in and out of the attention of each layer, and keeps everything. */
  private record Looking(Map<Integer, float[]> projectionOf, Map<Integer, float[]> hiddenOf)
      implements Press {
    Looking() {
      // Layers come on several threads.
      this(new ConcurrentSkipListMap<>(), new ConcurrentSkipListMap<>());
    }

    List<float[]> projections() {
      return List.copyOf(projectionOf.values());
    }

    List<float[]> hidden() {
      return List.copyOf(hiddenOf.values());
    }

    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      projectionOf.put(layer.layer(), values(layer.outputProjection()));
      hiddenOf.put(layer.layer(), values(layer.hiddenStates()));
      return CacheEdit.none();
    }

    private static float[] values(FloatTensor tensor) {
      int size = 1;
      for (int axis : tensor.shape()) {
        size *= axis;
      }
      float[] values = new float[size];
      tensor.read(0, values, size);
      return values;
    }

    @Override
    public Set<Signal> needs() {
      return Set.of(new Signal.OutputProjection(), new Signal.HiddenStates());
    }
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  private DecoderModel open(Path model) {
    return DecoderModel.open(model, DecodeFixtures.oneThread(folder.resolve("cache")));
  }

  private Looking looked(Path model, int[] prompt) {
    Looking looking = new Looking();
    try (DecoderModel loaded = open(model);
        Context context = loaded.start(1, looking.needs())) {
      loaded.requireSignals("looking", looking.needs());
      context.prefill(prompt, prompt.length);
      context.compress(looking, Budget.ratio(0.5));
    }
    return looking;
  }

  @ParameterizedTest
  @EnumSource(
      value = QuantizedGraphs.Way.class,
      names = {"DEQUANTIZED", "BLOCKS"})
  void everyPressDoesAsOnTheNumbersThatTheyStandFor(QuantizedGraphs.Way way) throws IOException {
    ZooGraph zoo = ZooGraph.named("optimum");
    QuantizedGraphs graphs = QuantizedGraphs.write(zoo.path(), folder, way);
    int[] prompt = zoo.prompt();
    Set<Signal> signals = Signal.union(PRESSES.stream().map(s -> press(s).needs()).toList());
    try (DecoderModel quantized = open(graphs.quantized());
        DecoderModel plain = open(graphs.plain());
        Context found = quantized.start(1, signals);
        Context expected = plain.start(1, signals)) {
      for (String spec : PRESSES) {
        quantized.requirePress(spec, press(spec), prompt.length + 10);
      }
      assertClose(found.prefill(prompt, 9), expected.prefill(prompt, 9), 1e-3);
      for (String spec : PRESSES) {
        try (Context a = found.fork();
            Context b = expected.fork()) {
          a.compress(press(spec), Budget.ratio(0.5));
          b.compress(press(spec), Budget.ratio(0.5));
          assertThat(DecodeFixtures.positions(a, quantized, 1))
              .as(spec)
              .isEqualTo(DecodeFixtures.positions(b, plain, 1));
          assertClose(a.forward(zoo.next()), b.forward(zoo.next()), 1e-3);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(QuantizedGraphs.Way.class)
  void projectionsAndHiddenStatesAreFound(QuantizedGraphs.Way way) throws IOException {
    ZooGraph zoo = ZooGraph.named("optimum");
    QuantizedGraphs graphs = QuantizedGraphs.write(zoo.path(), folder, way);
    Looking found = looked(graphs.quantized(), zoo.prompt());
    Looking expected = looked(graphs.plain(), zoo.prompt());
    assertThat(found.projections()).hasSize(2);
    for (int l = 0; l < 2; l++) {
      float[] stands = graphs.matrices().get("w." + l + ".o");
      float[] turned = found.projections().get(l);
      for (int i = 0; i < stands.length; i++) {
        assertThat(turned[i % 16 * 64 + i / 16]).isEqualTo(stands[i], within(1e-6f));
      }
      // Where activations are rounded too, layers behind the first product differ by that.
      float off = l == 0 || way != QuantizedGraphs.Way.DYNAMIC ? 1e-4f : 0.2f;
      assertThat(found.hidden().get(l)).containsExactly(expected.hidden().get(l), within(off));
    }
  }

  @Test
  void pressesGoByWholeNumbersOfRoundedActivationsToo() throws IOException {
    ZooGraph zoo = ZooGraph.named("optimum");
    QuantizedGraphs graphs = QuantizedGraphs.write(zoo.path(), folder, QuantizedGraphs.Way.DYNAMIC);
    ModelPress press = press("criticalkv(snapkv(window_size=4,kernel_size=3))");
    try (DecoderModel model = open(graphs.quantized());
        Context context = model.start(1, press.needs())) {
      model.requirePress("criticalkv", press, 64);
      context.prefill(zoo.prompt(), 9);
      context.compress(press, Budget.ratio(0.5));
      assertThat(context.achievedRatio()).isEqualTo(0.5);
    }
  }

  @ParameterizedTest
  @CsvSource({"INT8,false,0.02", "INT8,true,0.02", "INT4,true,0.3", "F16,false,0.001"})
  void ownExportsGiveTheirOutputProjections(WeightFormat format, boolean biased, float tolerance)
      throws IOException {
    TinyCheckpoint tiny = TinyCheckpoint.llama();
    if (biased) {
      tiny.config("attention_bias", "true");
      tiny.biases("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj");
    }
    Path checkpoint = tiny.write(folder.resolve("model"));
    DecoderOptions options = DecodeFixtures.oneThread(folder.resolve("cache")).with(format);
    int[] prompt = {1, 5, 9, 2, 7, 3, 8, 4, 6, 10, 0, 5};
    Looking found = new Looking();
    ModelPress press = press("criticalkv(knorm)");
    try (DecoderModel loaded = DecoderModel.open(checkpoint, options);
        Context context = loaded.start(1, found.needs())) {
      loaded.requirePress("criticalkv", press, 64);
      context.prefill(prompt, 8);
      context.compress(found, Budget.ratio(0.5));
      context.compress(press, Budget.ratio(0.5));
      assertThat(context.achievedRatio()).isEqualTo(0.5);
    }
    for (int l = 0; l < 2; l++) {
      float[] expected = tiny.values("model.layers." + l + ".self_attn.o_proj.weight");
      assertThat(found.projections().get(l)).containsExactly(expected, within(tolerance));
    }
  }
}
