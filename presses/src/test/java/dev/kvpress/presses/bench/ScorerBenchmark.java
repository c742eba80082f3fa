package dev.kvpress.presses.bench;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What a press costs for one layer of 8 query and 4 KV heads of size 64 with 4,096 cached tokens,
 * beside a plain copy of the layer's keys (4 MiB).
 *
 * <p>Run {@code mvn test-compile} and then {@link #main} on the test class path.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 700, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class ScorerBenchmark {
  private static final int TOKENS = 4096;
  private static final int QUERY_HEADS = 8;
  private static final int KV_HEADS = 4;
  private static final int SIZE = 64;
  private static final int ROWS = 64;
  private static final int WIDTH = QUERY_HEADS * SIZE;
  // Units of KVzap's hidden layer, an eighth of the hidden size as in the published surrogates.
  private static final int UNITS = WIDTH / 8;
  private static final List<String> FORMS =
      List.of("", "(knorm)", "(random)", "(knorm,threshold=0.01)", "(knorm,decoding(knorm))");

  // Those that do nothing without parameters, or in a prefill.
  private static final Map<String, String> WORKING =
      Map.of(
          "think", "think(key_channel_compression_ratio=0.5)",
          "per_layer", "per_layer(knorm,compression_ratios=[0.6])",
          "decoding", "decoding(knorm,target_size=1638)",
          "cam", "cam(knorm,target_size=1638)");
  private static final Set<String> IN_DECODING =
      Set.of("decoding", "compression_ratio_decoding", "cam");

  @State(Scope.Benchmark)
  public static class Named {
    /** What {@link #main} sets to every press of the catalogue. */
    @Param("knorm")
    public String spec = "";

    private Press press = (layer, budget) -> CacheEdit.none();

    private Phase phase = Phase.PREFILL;
    private Set<Signal> needs = Set.of();

    @Setup
    public void make() {
      press = (Press) PressCatalog.load().make(spec).press();
      String name = spec.replaceAll("\\(.*", "");
      phase = IN_DECODING.contains(name) ? Phase.DECODE : Phase.PREFILL;
      needs = press.needs();
    }
  }

  private final Random random = new Random(1);
  private final Map<String, FloatTensor> tensors = new HashMap<>();
  private final int[] starts = new int[KV_HEADS];
  private LayerLedger ledger = new LayerLedger(1, 1, 1, false, 0);
  private FloatBuffer keys = FloatBuffer.allocate(0);
  private FloatBuffer values = FloatBuffer.allocate(0);
  private float[] copy = new float[0];

  @Setup
  public void fill() {
    int floats = KV_HEADS * TOKENS * SIZE;
    keys = normal(floats);
    values = normal(floats);
    copy = new float[floats];
    ledger = new LayerLedger(1, QUERY_HEADS, KV_HEADS, true, ROWS);
    ledger.append(TOKENS);
    ledger.observeSums(uniform(QUERY_HEADS * TOKENS), TOKENS);
    ledger.observeRows(uniform(QUERY_HEADS * ROWS * TOKENS), ROWS, TOKENS, new int[] {TOKENS});
    for (int g = 0; g < KV_HEADS; g++) {
      starts[g] = g * TOKENS * SIZE;
    }
  }

  private FloatBuffer normal(int count) {
    FloatBuffer numbers =
        ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (int i = 0; i < count; i++) {
      numbers.put(i, (float) random.nextGaussian());
    }
    return numbers;
  }

  private FloatBuffer uniform(int count) {
    float[] data = new float[count];
    for (int i = 0; i < count; i++) {
      data[i] = random.nextFloat();
    }
    return FloatBuffer.wrap(data);
  }

  private HeadVectors vectors(FloatBuffer data) {
    return new HeadVectors(data, KV_HEADS, starts, SIZE);
  }

  /**
   * The layer as it is new at each step: nothing that a press has asked of it is known any more.
   */
  private LayerSignals layer(Named named) {
    LayerSignals.Builder layer =
        LayerSignals.of(ledger)
            .step(named.phase, TOKENS)
            .keys(() -> vectors(keys))
            .values(() -> vectors(values))
            .rotary(RotaryParameters.ofTheta(10_000, SIZE));
    for (Signal signal : named.needs) {
      if (signal instanceof Signal.Queries q && !q.rotated()) {
        layer.queriesPreRope(() -> tensor("q", 1, QUERY_HEADS, Math.min(TOKENS, q.window()), SIZE));
      } else if (signal instanceof Signal.Queries q) {
        int window = Math.min(TOKENS, q.window());
        layer.tensor(Signal.Queries.class, () -> tensor("q", 1, QUERY_HEADS, window, SIZE));
      } else if (signal instanceof Signal.HiddenStates) {
        layer.tensor(Signal.HiddenStates.class, () -> tensor("x", 1, TOKENS, WIDTH));
      } else if (signal instanceof Signal.OutputProjection) {
        layer.tensor(Signal.OutputProjection.class, () -> tensor("o", WIDTH, WIDTH));
      } else if (signal instanceof Signal.Auxiliary auxiliary) {
        layer.auxiliary(auxiliary.name(), () -> tensor(auxiliary.name(), sizes(auxiliary.name())));
      }
    }
    return layer.build();
  }

  private FloatTensor tensor(String name, int... sizes) {
    return tensors.computeIfAbsent(
        name,
        made -> new FloatTensor(normal(Arrays.stream(sizes).reduce(1, (a, b) -> a * b)), sizes));
  }

  private static int[] sizes(String name) {
    return switch (name) {
      case "kvzap.hidden_weight" -> new int[] {UNITS, WIDTH};
      case "kvzap.hidden_bias" -> new int[] {UNITS};
      case "kvzap.weight" -> new int[] {KV_HEADS, UNITS};
      case "kvzap.bias", "duo_head_scores" -> new int[] {KV_HEADS};
      case "expected_attention_mean" -> new int[] {QUERY_HEADS, SIZE};
      case "expected_attention_covariance" -> new int[] {QUERY_HEADS, SIZE, SIZE};
      default -> new int[] {KV_HEADS, SIZE};
    };
  }

  /** The press: score, select, edit. */
  @Benchmark
  public CacheEdit compress(Named named) {
    return named.press.compress(layer(named), Budget.ratio(0.6));
  }

  /** The measure: one copy of the keys. */
  @Benchmark
  public float[] copyKeys() {
    keys.get(0, copy, 0, copy.length);
    return copy;
  }

  /**
   * Runs all; arguments are specs of presses, none for the whole catalogue: presses that stand
   * alone, and wrappers around {@code knorm}.
   */
  public static void main(String... arguments) throws RunnerException {
    String[] specs = arguments.length > 0 ? arguments : catalogue();
    new Runner(
            new OptionsBuilder()
                .include(ScorerBenchmark.class.getSimpleName())
                .param("spec", specs)
                .shouldFailOnError(false)
                .build())
        .run();
  }

  private static String[] catalogue() {
    Set<String> specs = new LinkedHashSet<>();
    PressCatalog catalog = PressCatalog.load();
    for (PressDescriptor press : catalog.descriptors()) {
      for (String form : FORMS) {
        String spec = WORKING.getOrDefault(press.name(), press.name() + form);
        try {
          if (catalog.make(spec).press() instanceof Press) {
            specs.add(spec);
            break;
          }
        } catch (PressSpecException refused) {
          // The next form may suit it.
          continue;
        }
      }
    }
    specs.addAll(List.of("chunk(keydiff)", "block(keydiff)"));
    return specs.toArray(String[]::new);
  }
}
