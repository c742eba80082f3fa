package dev.kvpress.presses.bench;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.kernel.Workers;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What a press costs for one layer, beside a plain copy of the layer's keys: with both
 * implementations of the kernels, and with one thread and several.
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
  private static final int ROWS = 64;
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

  /** S x H x G x D; 32768x8x8x128 is the large one of the table. */
  @Param("4096x8x4x64")
  public String shape = "";

  /** Threads that the press may use. */
  @Param({"1", "2"})
  public int threads;

  private final Random random = new Random(1);
  private final Map<String, FloatTensor> tensors = new HashMap<>();
  private int tokens;
  private int queryHeads;
  private int kvHeads;
  private int size;
  private int width;
  private int[] starts = new int[0];
  private Workers workers = Workers.CALLER;
  private LayerLedger ledger = new LayerLedger(1, 1, 1, false, 0);
  private FloatBuffer keys = FloatBuffer.allocate(0);
  private FloatBuffer values = FloatBuffer.allocate(0);
  private float[] copy = new float[0];

  @TearDown
  public void close() {
    workers.close();
  }

  @Setup
  public void fill() {
    int[] sizes = Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
    tokens = sizes[0];
    queryHeads = sizes[1];
    kvHeads = sizes[2];
    size = sizes[3];
    width = queryHeads * size;
    workers = Workers.of(threads);
    starts = new int[kvHeads];
    int floats = kvHeads * tokens * size;
    keys = normal(floats);
    values = normal(floats);
    copy = new float[floats];
    ledger = new LayerLedger(1, queryHeads, kvHeads, true, ROWS);
    ledger.append(tokens);
    ledger.observeSums(uniform(queryHeads * tokens), tokens);
    ledger.observeRows(uniform(queryHeads * ROWS * tokens), ROWS, tokens, new int[] {tokens});
    for (int g = 0; g < kvHeads; g++) {
      starts[g] = g * tokens * size;
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
    return new HeadVectors(data, kvHeads, starts, size);
  }

  /**
   * The layer as it is new at each step: nothing that a press has asked of it is known any more.
   */
  private LayerSignals layer(Named named) {
    LayerSignals.Builder layer =
        LayerSignals.of(ledger)
            .step(named.phase, tokens)
            .keys(() -> vectors(keys))
            .values(() -> vectors(values))
            .workers(workers)
            .rotary(RotaryParameters.ofTheta(10_000, size));
    for (Signal signal : named.needs) {
      if (signal instanceof Signal.Queries q && !q.rotated()) {
        layer.queriesPreRope(() -> tensor("q", 1, queryHeads, Math.min(tokens, q.window()), size));
      } else if (signal instanceof Signal.QueryMoments) {
        layer.queriesPreRope(() -> tensor("q", 1, queryHeads, tokens, size));
      } else if (signal instanceof Signal.Queries q) {
        int window = Math.min(tokens, q.window());
        layer.tensor(Signal.Queries.class, () -> tensor("q", 1, queryHeads, window, size));
      } else if (signal instanceof Signal.HiddenStates) {
        layer.tensor(Signal.HiddenStates.class, () -> tensor("x", 1, tokens, width));
      } else if (signal instanceof Signal.OutputProjection) {
        layer.tensor(Signal.OutputProjection.class, () -> tensor("o", width, width));
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

  /** Of KVzap's hidden layer: an eighth of the hidden size, as in the published surrogates. */
  private int units() {
    return width / 8;
  }

  private int[] sizes(String name) {
    return switch (name) {
      case "kvzap.hidden_weight" -> new int[] {units(), width};
      case "kvzap.hidden_bias" -> new int[] {units()};
      case "kvzap.weight" -> new int[] {kvHeads, units()};
      case "kvzap.bias", "duo_head_scores" -> new int[] {kvHeads};
      case "expected_attention_mean" -> new int[] {queryHeads, size};
      case "expected_attention_covariance" -> new int[] {queryHeads, size, size};
      default -> new int[] {kvHeads, size};
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
   * Runs all with both implementations of the kernels; arguments are specs of presses, none for the
   * whole catalogue: presses that stand alone, and wrappers around {@code knorm}. The property
   * {@code shape} names another shape.
   */
  public static void main(String... arguments) throws RunnerException {
    String[] specs = arguments.length > 0 ? arguments : catalogue();
    for (String kernels : List.of("plain", "vector")) {
      new Runner(
              new OptionsBuilder()
                  .include(ScorerBenchmark.class.getSimpleName())
                  .param("spec", specs)
                  .param("shape", System.getProperty("shape", "4096x8x4x64"))
                  .jvmArgsAppend(
                      "--add-modules", "jdk.incubator.vector", "-Dkvpress.kernels=" + kernels)
                  .shouldFailOnError(false)
                  .build())
          .run();
    }
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
