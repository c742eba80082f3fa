package dev.kvpress.presses.testing;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.signal.Signal;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A made-up attention layer: keys, values, queries and a causal attention matrix for a number of
 * tokens, which pass in chunks and steps as in a real run. Arrays are public so that a test can
 * plant what it wants to find.
 */
public final class SyntheticLayer {
  /** Sizes: B rows, G KV heads, H = G * group query heads, T tokens in all, D head size. */
  public record Shape(int batch, int kvHeads, int group, int tokens, int headSize) {
    /** H. */
    public int queryHeads() {
      return kvHeads * group;
    }

    /** The same with another number of rows. */
    public Shape ofRows(int rows) {
      return new Shape(rows, kvHeads, group, tokens, headSize);
    }

    /** As many rows as a press takes at once: what reads a text again takes one. */
    public Shape suiting(ModelPress press) {
      return press.readsAgain() ? ofRows(1) : this;
    }
  }

  /** Number of the layer that the signals carry unless told otherwise. */
  public static final int LAYER = 5;

  /** Number of layers that the signals carry unless told otherwise. */
  public static final int LAYERS = 6;

  // Units of the hidden layer of a surrogate.
  private static final int UNITS = 11;

  // Channels and competing keys of a gate.
  private static final int CHANNELS = 6;
  private static final int BASES = 3;

  // Columns before the cached ones, as a graph pads a short head; never to be read.
  private static final int PADDING = 3;

  public final Shape shape;

  /** {@code [B, G, T, D]}. */
  public final float[] keys;

  /** {@code [B, G, T, D]}. */
  public final float[] values;

  /** {@code [B, H, T, T]}, causal, rows sum to one. */
  public final float[] attention;

  /** {@code [B, H, T, D]}, before rotation. */
  public final float[] queries;

  /** {@code [B, T, H*D]}. */
  public final float[] hidden;

  /** {@code [E, H*D]}; E is H*D unless replaced. */
  public float[] outputProjection;

  /** Number of the layer that the signals carry. */
  public int layer = LAYER;

  /** Number of layers that the signals carry. */
  public int layers = LAYERS;

  /** Threads that the signals offer. */
  public Workers workers = Workers.CALLER;

  /**
   * Trained tensors by name; those not given are random: the tensors of built-in presses in their
   * shapes, any other as one vector of D for each KV head.
   */
  public final Map<String, FloatTensor> auxiliaries = new HashMap<>();

  private SyntheticLayer(Shape shape, float[] keys, float[] values, float[] attention) {
    this.shape = shape;
    this.keys = keys;
    this.values = values;
    this.attention = attention;
    int width = shape.queryHeads() * shape.headSize();
    queries = new float[shape.batch() * shape.tokens() * width];
    hidden = new float[shape.batch() * shape.tokens() * width];
    outputProjection = new float[width * width];
  }

  /** A layer with given keys, values and attention; queries and weights are zero. */
  public static SyntheticLayer of(Shape shape, float[] keys, float[] values, float[] attention) {
    return new SyntheticLayer(shape, keys, values, attention);
  }

  /** A layer of normally distributed numbers; batch row {@code b} depends on {@code seed + b}. */
  public static SyntheticLayer random(Shape shape, long seed) {
    int perRow = shape.kvHeads() * shape.tokens() * shape.headSize();
    int matrix = shape.queryHeads() * shape.tokens() * shape.tokens();
    SyntheticLayer layer =
        new SyntheticLayer(
            shape,
            new float[shape.batch() * perRow],
            new float[shape.batch() * perRow],
            new float[shape.batch() * matrix]);
    for (int b = 0; b < shape.batch(); b++) {
      Random random = new Random(seed + b);
      fill(layer.keys, b * perRow, perRow, random);
      fill(layer.values, b * perRow, perRow, random);
      fill(layer.queries, b * perRow * shape.group(), perRow * shape.group(), random);
      fill(layer.hidden, b * perRow * shape.group(), perRow * shape.group(), random);
      layer.fillAttention(b * matrix, random);
    }
    fill(layer.outputProjection, 0, layer.outputProjection.length, new Random(7));
    return layer;
  }

  private static void fill(float[] into, int from, int count, Random random) {
    for (int i = from; i < from + count; i++) {
      into[i] = (float) random.nextGaussian();
    }
  }

  private void fillAttention(int from, Random random) {
    int n = shape.tokens();
    for (int row = 0; row < shape.queryHeads() * n; row++) {
      int seen = row % n + 1;
      double sum = 0;
      double[] weights = new double[seen];
      for (int j = 0; j < seen; j++) {
        weights[j] = Math.exp(random.nextGaussian());
        sum += weights[j];
      }
      for (int j = 0; j < seen; j++) {
        attention[from + row * n + j] = (float) (weights[j] / sum);
      }
    }
  }

  /** The signals after the first {@code tokens} tokens passed as one prompt in chunks. */
  public LayerSignals prefill(Set<Signal> needs, int tokens, int chunk) {
    return new Run(needs).pass(Phase.PREFILL, tokens, chunk);
  }

  /** The signals after all tokens passed as one prompt at once. */
  public LayerSignals prefill(Set<Signal> needs) {
    return prefill(needs, shape.tokens(), shape.tokens());
  }

  /** A passage of the tokens, step by step, with edits between. */
  public final class Run {
    private final Set<Signal> needs;
    private final LayerLedger ledger;
    private int passed;

    /** Starts before the first token. */
    public Run(Set<Signal> needs) {
      this.needs = needs;
      ledger =
          new LayerLedger(
              shape.batch(),
              shape.queryHeads(),
              shape.kvHeads(),
              needs.contains(new Signal.AttentionSums()),
              Signal.rowWindow(needs));
    }

    private Run(Run that) {
      needs = that.needs;
      ledger = that.ledger.fork();
      passed = that.passed;
    }

    /** The same passage so far, to go on alone. */
    public Run fork() {
      return new Run(this);
    }

    /** The account beside the cache. */
    public LayerLedger ledger() {
      return ledger;
    }

    /** Carries out an edit. */
    public void apply(CacheEdit edit) {
      ledger.apply(edit);
    }

    /** Lets tokens pass, the short chunk first, and says what a press then sees. */
    public LayerSignals pass(Phase phase, int tokens, int chunk) {
      int left = tokens;
      while (left > 0) {
        int now = left % chunk == 0 ? chunk : left % chunk;
        ledger.append(now);
        observe(now);
        passed += now;
        left -= now;
      }
      return signals(phase, tokens);
    }

    private void observe(int count) {
      int columns = ledger.maxLength() + PADDING;
      int heads = shape.batch() * shape.queryHeads();
      int rows = Math.min(ledger.attention().rowWindow(), count);
      float[] sums = new float[heads * columns];
      float[] last = new float[heads * rows * columns];
      Arrays.fill(sums, Float.NaN);
      Arrays.fill(last, Float.NaN);
      for (int head = 0; head < heads; head++) {
        int b = head / shape.queryHeads();
        int[] positions = ledger.positions(b, head % shape.queryHeads() / shape.group());
        double[] sum = new double[positions.length];
        for (int i = 0; i < count; i++) {
          double[] row = row(head, passed + i, positions);
          int lastRow = i - (count - rows);
          for (int j = 0; j < row.length; j++) {
            sum[j] += row[j];
            if (lastRow >= 0) {
              last[(head * rows + lastRow + 1) * columns - row.length + j] = (float) row[j];
            }
          }
        }
        for (int j = 0; j < sum.length; j++) {
          sums[(head + 1) * columns - sum.length + j] = (float) sum[j];
        }
      }
      if (ledger.attention().hasSums()) {
        ledger.observeSums(FloatBuffer.wrap(sums), columns);
      }
      int[] valid = new int[shape.batch()];
      Arrays.fill(valid, count);
      ledger.observeRows(FloatBuffer.wrap(last), rows, columns, valid);
    }

    private double[] row(int head, int query, int[] positions) {
      int n = shape.tokens();
      double[] row = new double[positions.length];
      double total = 0;
      int visible = 0;
      for (int j = 0; j < positions.length && positions[j] <= query; j++) {
        row[j] = attention[(head * n + query) * n + positions[j]];
        total += row[j];
        visible++;
      }
      // Where tokens were evicted, the others share their attention, as after a softmax.
      for (int j = 0; visible <= query && j < visible; j++) {
        row[j] /= total;
      }
      return row;
    }

    private LayerSignals signals(Phase phase, int tokens) {
      LayerSignals.Builder builder =
          LayerSignals.of(ledger)
              .step(phase, tokens)
              .layer(layer, layers)
              .workers(workers)
              .keys(() -> cached(keys))
              .values(() -> cached(values));
      int first = passed - tokens;
      auxiliaries.forEach((name, tensor) -> builder.auxiliary(name, () -> tensor));
      for (Signal signal : needs) {
        if (signal instanceof Signal.Queries q) {
          int from = Math.max(first, q.window() == Signal.ALL ? 0 : passed - q.window());
          if (q.rotated()) {
            builder.tensor(Signal.Queries.class, () -> queryTensor(from, true));
          } else {
            builder.queriesPreRope(() -> queryTensor(from, false));
          }
        } else if (signal instanceof Signal.QueryMoments) {
          builder.queriesPreRope(() -> queryTensor(first, false));
        } else if (signal instanceof Signal.OutputProjection) {
          int width = shape.queryHeads() * shape.headSize();
          builder.tensor(
              Signal.OutputProjection.class,
              () -> FloatTensor.of(outputProjection, outputProjection.length / width, width));
        } else if (signal instanceof Signal.Rotary) {
          builder.rotary(rotary());
        } else if (signal instanceof Signal.Auxiliary a) {
          builder.auxiliary(a.name(), () -> auxiliary(a.name()));
        } else if (signal instanceof Signal.HiddenStates) {
          builder.tensor(Signal.HiddenStates.class, () -> hiddenTensor(first));
        }
      }
      return builder.build();
    }

    private RotaryParameters rotary() {
      return RotaryParameters.ofTheta(10000, shape.headSize());
    }

    private HeadVectors cached(float[] all) {
      int d = shape.headSize();
      int longest = ledger.maxLength();
      int heads = shape.batch() * shape.kvHeads();
      float[] copy = new float[heads * longest * d];
      int[] starts = new int[heads];
      for (int head = 0; head < heads; head++) {
        starts[head] = head * longest * d;
        int[] positions = ledger.positions(head / shape.kvHeads(), head % shape.kvHeads());
        for (int j = 0; j < positions.length; j++) {
          int from = (head * shape.tokens() + positions[j]) * d;
          System.arraycopy(all, from, copy, starts[head] + j * d, d);
        }
      }
      return new HeadVectors(FloatBuffer.wrap(copy), shape.kvHeads(), starts, d);
    }

    private FloatTensor queryTensor(int from, boolean rotated) {
      int d = shape.headSize();
      int heads = shape.batch() * shape.queryHeads();
      float[] window = new float[heads * (passed - from) * d];
      RotaryParameters rotary = rotated ? rotary() : null;
      for (int head = 0; head < heads; head++) {
        for (int t = from; t < passed; t++) {
          int source = (head * shape.tokens() + t) * d;
          int target = (head * (passed - from) + t - from) * d;
          for (int c = 0; c < d; c++) {
            window[target + c] = queries[source + c];
          }
          for (int c = 0; rotary != null && c < d / 2; c++) {
            double angle = t * rotary.inverseFrequency(c);
            float x = queries[source + c];
            float y = queries[source + c + d / 2];
            window[target + c] = (float) (x * Math.cos(angle) - y * Math.sin(angle));
            window[target + c + d / 2] = (float) (y * Math.cos(angle) + x * Math.sin(angle));
          }
        }
      }
      return FloatTensor.of(window, shape.batch(), shape.queryHeads(), passed - from, d);
    }

    private FloatTensor auxiliary(String name) {
      FloatTensor given = auxiliaries.get(name);
      if (given != null) {
        return given;
      }
      int[] sizes = sizesOf(name);
      float[] numbers = new float[Arrays.stream(sizes).reduce(1, (a, b) -> a * b)];
      fill(numbers, 0, numbers.length, new Random(name.hashCode()));
      return FloatTensor.of(numbers, sizes);
    }

    private int[] sizesOf(String name) {
      int d = shape.headSize();
      int width = shape.queryHeads() * d;
      return switch (name) {
        case "kvzap.hidden_weight" -> new int[] {UNITS, width};
        case "kvzap.hidden_bias" -> new int[] {UNITS};
        case "kvzap.weight" -> {
          boolean mlp = needs.contains(new Signal.Auxiliary("kvzap.hidden_weight"));
          yield new int[] {shape.kvHeads(), mlp ? UNITS : width};
        }
        case "kvzap.bias", "duo_head_scores" -> new int[] {shape.kvHeads()};
        case "expected_attention_mean", "triattention.query_mean", "triattention.query_length" ->
            new int[] {shape.queryHeads(), d};
        case "expected_attention_covariance" -> new int[] {shape.queryHeads(), d, d};
        case "fastkvzip.q_proj.weight" -> new int[] {shape.queryHeads() * CHANNELS, width};
        case "fastkvzip.q_proj.bias" -> new int[] {shape.queryHeads() * CHANNELS};
        case "fastkvzip.k_proj.weight" -> new int[] {shape.kvHeads() * CHANNELS, width};
        case "fastkvzip.q_norm.weight", "fastkvzip.k_norm.weight" -> new int[] {CHANNELS};
        case "fastkvzip.k_base" -> new int[] {shape.kvHeads(), 1, BASES, CHANNELS};
        case "fastkvzip.b" -> new int[] {shape.kvHeads(), 1, shape.group()};
        default -> new int[] {shape.kvHeads(), d};
      };
    }

    private FloatTensor hiddenTensor(int from) {
      int width = shape.queryHeads() * shape.headSize();
      float[] pass = new float[shape.batch() * (passed - from) * width];
      for (int b = 0; b < shape.batch(); b++) {
        System.arraycopy(
            hidden,
            (b * shape.tokens() + from) * width,
            pass,
            b * (passed - from) * width,
            (passed - from) * width);
      }
      return FloatTensor.of(pass, shape.batch(), passed - from, width);
    }
  }
}
