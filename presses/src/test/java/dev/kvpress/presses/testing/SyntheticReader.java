package dev.kvpress.presses.testing;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Reads made-up tokens behind made-up layers of one row, in parts of a few tokens. What a token
 * shows depends on its id and place alone, so that the same is read twice alike.
 */
public final class SyntheticReader implements Reader {
  private static final int PART = 5;
  private static final int IDS = 50;

  private final ModelSignals model;
  private final int prefix;

  /** Reads behind layers that hold the same tokens, without a template. */
  public SyntheticReader(ModelSignals model) {
    this(model, 0);
  }

  /**
   * Reads behind layers that hold the same tokens.
   *
   * @param prefix first tokens that a template has written
   */
  public SyntheticReader(ModelSignals model, int prefix) {
    this.model = model;
    this.prefix = prefix;
  }

  @Override
  public ImmutableIntArray context() {
    int[] ids = new int[model.layers().get(0).length(0, 0)];
    Arrays.setAll(ids, i -> 7 * i % IDS);
    return ImmutableIntArray.copyOf(ids);
  }

  @Override
  public int prefixTokens() {
    return prefix;
  }

  @Override
  public ImmutableIntArray suffix() {
    return ImmutableIntArray.of(1, 2);
  }

  @Override
  public ImmutableIntArray encode(String text) {
    return ImmutableIntArray.of(text.length() % IDS, 3);
  }

  @Override
  public void read(ImmutableIntArray ids, Set<Signal> signals, Listener listener) {
    List<Reading> layers = model.layers().stream().map(l -> new Reading(l, ids, signals)).toList();
    for (int from = 0; from < ids.length(); from += PART) {
      int first = from;
      int end = Math.min(ids.length(), from + PART);
      List<LayerSignals> passed = new ArrayList<>();
      layers.forEach(layer -> passed.add(layer.pass(first, end)));
      listener.passed(new ModelSignals(passed), from, end);
    }
  }

  /** One layer, while tokens are read behind it. */
  private static final class Reading {
    private final LayerSignals layer;
    private final ImmutableIntArray ids;
    private final Set<Signal> signals;
    private final LayerLedger ledger;
    private final int context;
    private final int size;

    Reading(LayerSignals layer, ImmutableIntArray ids, Set<Signal> signals) {
      this.layer = layer;
      this.ids = ids;
      this.signals = signals;
      context = layer.length(0, 0);
      size = layer.keys().size();
      ledger = LayerLedger.observing(signals, 1, layer.queryHeads(), layer.kvHeads());
      ledger.append(context);
    }

    LayerSignals pass(int from, int end) {
      ledger.append(end - from);
      if (ledger.attention().hasSums() || ledger.attention().hasMaxima()) {
        observe(from, end);
      }
      LayerSignals.Builder builder =
          LayerSignals.of(ledger)
              .step(Phase.DECODE, end - from)
              .layer(layer.layer(), layer.layers())
              .workers(layer.workers())
              .keys(() -> behind(layer.keys(), end, 1))
              .values(() -> behind(layer.values(), end, 2));
      if (signals.contains(new Signal.Queries(Signal.ALL, true))) {
        builder.tensor(
            Signal.Queries.class, () -> tensor(from, end, layer.queryHeads(), end - from, size));
      }
      if (signals.contains(new Signal.HiddenStates())) {
        int width = layer.queryHeads() * size;
        builder.tensor(Signal.HiddenStates.class, () -> tensor(from, end, 1, end - from, width));
      }
      return builder.build();
    }

    /** The softmax of the part's queries on all keys up to their own. */
    private void observe(int from, int end) {
      int slots = context + end;
      HeadVectors keys = behind(layer.keys(), end, 1);
      FloatTensor queries = tensor(from, end, layer.queryHeads(), end - from, size);
      float[] sums = new float[layer.queryHeads() * slots];
      float[] maxima = new float[sums.length];
      for (int row = 0; row < layer.queryHeads() * (end - from); row++) {
        int h = row / (end - from);
        double[] weights = new double[context + from + row % (end - from) + 1];
        double total = 0;
        for (int j = 0; j < weights.length; j++) {
          double logit = 0;
          for (int c = 0; c < size; c++) {
            logit += queries.get(row * size + c) * keys.get(0, h / layer.groupSize(), j, c);
          }
          weights[j] = Math.exp(logit / Math.sqrt(size));
          total += weights[j];
        }
        for (int j = 0; j < weights.length; j++) {
          float weight = (float) (weights[j] / total);
          sums[h * slots + j] += weight;
          maxima[h * slots + j] = Math.max(maxima[h * slots + j], weight);
        }
      }
      ledger.observeSums(FloatBuffer.wrap(sums), slots);
      ledger.observeMaxima(FloatBuffer.wrap(maxima), slots);
    }

    private FloatTensor tensor(int from, int end, int heads, int tokens, int width) {
      float[] numbers = new float[heads * tokens * width];
      for (int h = 0; h < heads; h++) {
        for (int i = from; i < end; i++) {
          fill(numbers, (h * tokens + i - from) * width, width, i, 100 + h);
        }
      }
      return heads == 1 && width != size
          ? FloatTensor.of(numbers, 1, tokens, width)
          : FloatTensor.of(numbers, 1, heads, tokens, width);
    }

    private HeadVectors behind(HeadVectors cached, int end, int salt) {
      float[] all = new float[layer.kvHeads() * (context + end) * size];
      float[] own = new float[context * size];
      for (int g = 0; g < layer.kvHeads(); g++) {
        int start = g * (context + end) * size;
        cached.read(0, g, 0, context, own);
        System.arraycopy(own, 0, all, start, own.length);
        for (int i = 0; i < end; i++) {
          fill(all, start + (context + i) * size, size, i, 10 * g + salt);
        }
      }
      return HeadVectors.dense(all, 1, layer.kvHeads(), context + end, size);
    }

    private void fill(float[] into, int at, int count, int index, int salt) {
      Random random = new Random(1000L * ids.get(index) + 31L * index + salt);
      for (int c = 0; c < count; c++) {
        into[at + c] = (float) random.nextGaussian();
      }
    }
  }
}
