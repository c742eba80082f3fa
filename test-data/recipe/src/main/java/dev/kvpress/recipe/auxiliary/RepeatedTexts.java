package dev.kvpress.recipe.auxiliary;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ReadingPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.reading.KvZipScores;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.ort.Provider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Examples from which surrogates and gates learn: the hidden state that enters a layer with a
 * token, and what {@code kvzip} and {@code kvzip_plus} score the token once the model has been
 * asked to repeat the text. The scores are those of the presses themselves, which run in the
 * runtime of this project.
 */
final class RepeatedTexts implements AutoCloseable {
  // The largest attention of a token may be zero; about the least that float32 gives otherwise.
  private static final float LEAST = 1e-9f;
  private static final int SINKS = 4;
  private static final KvZipScores PLUS =
      new KvZipScores(SINKS, true, KvZipScores.CHUNK, KvZipScores.TAIL);
  private static final KvZipScores PLAIN =
      new KvZipScores(SINKS, false, KvZipScores.CHUNK, KvZipScores.TAIL);

  private final DecoderModel model;
  private final int samples;
  private final Random random;
  private final QueryCentres centres;
  private final List<List<float[]>> states = new ArrayList<>();
  private final List<List<float[]>> logarithms = new ArrayList<>();
  private final List<List<float[]>> scores = new ArrayList<>();

  /**
   * Opens the model.
   *
   * @param folder of the model
   * @param cache where its graphs are kept
   * @param samples tokens of a text that become examples
   * @param seed which tokens do
   */
  RepeatedTexts(Path folder, Path cache, int samples, long seed) {
    // One thread: sums in the same order everywhere.
    model = DecoderModel.open(folder, new DecoderOptions(Provider.CPU, 0, 1, cache));
    this.samples = samples;
    random = new Random(seed);
    centres = new QueryCentres(model.info().layers(), model.info().queryHeads());
    for (int l = 0; l < model.info().layers(); l++) {
      states.add(new ArrayList<>());
      logarithms.add(new ArrayList<>());
      scores.add(new ArrayList<>());
    }
  }

  /** Reads a text and takes examples from it, of the same tokens in every layer. */
  void read(int[] ids) {
    int[] tokens = new int[samples];
    for (int i = 0; i < samples; i++) {
      tokens[i] = 1 + random.nextInt(ids.length - 1);
    }
    Watching press = new Watching(tokens);
    try (Context context = model.start(1, press.needs())) {
      context.prefill(ids, ids.length);
      context.compress(press, Budget.ratio(0.5));
    }
  }

  /** Where the queries of all texts lie. */
  QueryCentres centres() {
    return centres;
  }

  /** Hidden states and logarithms of the scores of {@code kvzip_plus}, what KVzap learns. */
  Examples importance(int layer) {
    return examples(states.get(layer), logarithms.get(layer));
  }

  /** Hidden states and scores of {@code kvzip}, what Fast KVzip learns. */
  Examples attention(int layer) {
    return examples(states.get(layer), scores.get(layer));
  }

  private static Examples examples(List<float[]> inputs, List<float[]> targets) {
    return new Examples(inputs.toArray(new float[0][]), targets.toArray(new float[0][]));
  }

  @Override
  public void close() {
    model.close();
  }

  /** Looks at a context and leaves it as it is. */
  private final class Watching implements ReadingPress {
    private final int[] tokens;

    Watching(int[] tokens) {
      this.tokens = tokens;
    }

    @Override
    public List<CacheEdit> compress(ModelSignals model, Reader reader, Budget budget) {
      List<Scores> plus = PLUS.of(model, reader);
      List<Scores> plain = PLAIN.of(model, reader);
      for (int l = 0; l < model.layers().size(); l++) {
        LayerSignals layer = model.layers().get(l);
        centres.add(l, layer.queriesPreRope());
        FloatTensor hidden = layer.hiddenStates();
        int width = hidden.size(2);
        for (int token : tokens) {
          float[] state = new float[width];
          hidden.read(token * width, state, width);
          states.get(l).add(state);
          scores.get(l).add(ofToken(plain.get(l), token, false));
          logarithms.get(l).add(ofToken(plus.get(l), token, true));
        }
      }
      return Collections.nCopies(model.layers().size(), CacheEdit.none());
    }

    private float[] ofToken(Scores scores, int token, boolean logarithm) {
      float[] own = new float[scores.kvHeads()];
      for (int g = 0; g < own.length; g++) {
        float score = scores.get(0, g, token);
        own[g] = logarithm ? (float) Math.log(Math.max(LEAST, score)) : score;
      }
      return own;
    }

    @Override
    public Set<Signal> needs() {
      return Set.of(
          new Signal.HiddenStates(),
          new Signal.OutputProjection(),
          new Signal.Queries(Signal.ALL, false));
    }

    @Override
    public Set<Signal> needsOfReading() {
      return PLUS.needsOfReading();
    }
  }
}
