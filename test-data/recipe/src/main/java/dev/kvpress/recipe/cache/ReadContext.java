package dev.kvpress.recipe.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.model.Decoder.Attention;
import dev.kvpress.recipe.model.Decoder.Observer;
import dev.kvpress.recipe.model.Decoder.Past;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A context that the decoder has read whole, and that may be gone on from again and again. */
public final class ReadContext implements AutoCloseable {
  private final Decoder decoder;
  private final NDManager scope = NDManager.newBaseManager("PyTorch");
  private final List<NDArray> keys = new ArrayList<>();
  private final List<NDArray> values = new ArrayList<>();
  private final Map<Scoring, float[][][]> scores = new EnumMap<>(Scoring.class);
  private final int tokens;

  /**
   * Reads a context.
   *
   * @param ids {@code [S]}, with the beginning of the document
   */
  public ReadContext(Decoder decoder, int[] ids) {
    this.decoder = decoder;
    this.tokens = ids.length;
    for (Scoring scoring : Scoring.values()) {
      scores.put(scoring, new float[decoder.shape().layers()][][]);
    }
    try (NDManager pass = NDManager.newBaseManager("PyTorch")) {
      decoder.logProbabilities(array(pass, ids, 1), this::watch);
    }
  }

  private void watch(int layer, Attention attention) {
    keys.add(kept(attention.keys()));
    values.add(kept(attention.values()));
    scores.forEach((scoring, all) -> all[layer] = scoring.of(attention, decoder.shape()));
  }

  private NDArray kept(NDArray array) {
    NDArray copy = array.duplicate();
    copy.attach(scope);
    return copy;
  }

  /** S. */
  public int tokens() {
    return tokens;
  }

  /** Scores {@code [L][G][S]}; infinite for tokens that the press protects. */
  public float[][][] scores(Scoring scoring) {
    return scores.getOrDefault(scoring, new float[0][][]);
  }

  /**
   * What was said of an expected continuation.
   *
   * @param nats negative log-likelihood of its tokens, summed
   * @param right whether greedy decoding would write it
   */
  public record Verdict(double nats, boolean right) {}

  /**
   * Judges a continuation once for each of several caches.
   *
   * @param prompt at least one token
   * @param expected tokens behind it
   * @param lost caches; {@code [L][G][S]}, true where a head has lost the token
   * @param observer sees the attention of all of them, or null
   */
  public List<Verdict> ask(
      int[] prompt, int[] expected, List<boolean[][][]> lost, @Nullable Observer observer) {
    int[] row = Arrays.copyOf(prompt, prompt.length + expected.length - 1);
    System.arraycopy(expected, 0, row, prompt.length, expected.length - 1);
    List<Verdict> verdicts = new ArrayList<>();
    try (NDManager pass = NDManager.newBaseManager("PyTorch")) {
      NDArray logs =
          decoder.logProbabilities(array(pass, row, lost.size()), past(pass, lost), observer);
      float[] all = logs.toFloatArray();
      int vocabulary = decoder.shape().vocabulary();
      for (int b = 0; b < lost.size(); b++) {
        int first = b * row.length + prompt.length - 1;
        verdicts.add(verdict(all, first * vocabulary, vocabulary, expected));
      }
    }
    return verdicts;
  }

  private static Verdict verdict(float[] logs, int from, int vocabulary, int[] expected) {
    double nats = 0;
    boolean right = true;
    for (int i = 0; i < expected.length; i++) {
      int at = from + i * vocabulary;
      float said = logs[at + expected[i]];
      nats -= said;
      for (int v = 0; v < vocabulary && right; v++) {
        right = logs[at + v] <= said;
      }
    }
    return new Verdict(nats, right);
  }

  private List<Past> past(NDManager pass, List<boolean[][][]> lost) {
    int heads = decoder.shape().kvHeads();
    List<Past> past = new ArrayList<>();
    for (int l = 0; l < keys.size(); l++) {
      float[] mask = new float[lost.size() * heads * tokens];
      for (int b = 0; b < lost.size(); b++) {
        for (int g = 0; g < heads; g++) {
          boolean[] head = lost.get(b)[l][g];
          for (int i = 0; i < tokens; i++) {
            mask[(b * heads + g) * tokens + i] = head[i] ? 1 : 0;
          }
        }
      }
      NDArray array = pass.create(mask, new Shape(lost.size(), heads, 1, tokens));
      // Views that die with the pass, else every pass would leave its arrays in the context's
      // scope.
      past.add(new Past(view(pass, keys.get(l)), view(pass, values.get(l)), array));
    }
    return past;
  }

  private static NDArray view(NDManager pass, NDArray array) {
    NDArray view = array.reshape(array.getShape());
    view.attach(pass);
    return view;
  }

  private static NDArray array(NDManager scope, int[] ids, int rows) {
    long[] wide = new long[ids.length * rows];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = ids[i % ids.length];
    }
    return scope.create(wide, new Shape(rows, ids.length));
  }

  @Override
  public void close() {
    scope.close();
  }
}
