package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.ModelException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens are drawn from the distribution that was asked for, and repeat. */
class SamplingTest {
  private static final int DRAWS = 40_000;

  @TempDir static Path cache;

  private static Logits logits(float... values) {
    return new Logits(FloatBuffer.wrap(values), 1, values.length);
  }

  private static float[] logsOf(double... probabilities) {
    float[] logs = new float[probabilities.length];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = (float) Math.log(probabilities[i]) + 3;
    }
    return logs;
  }

  /** How often each token is drawn, at as many places of one text. */
  private static double[] frequencies(Sampling sampling, float... values) {
    Logits logits = logits(values);
    TokenHistory text = new TokenHistory(new int[] {1});
    double[] counts = new double[values.length];
    for (int i = 0; i < DRAWS; i++) {
      counts[sampling.choose(logits, 0, text)]++;
      text.add(0);
    }
    return Arrays.stream(counts).map(count -> count / DRAWS).toArray();
  }

  @Test
  void drawsByProbability() {
    double[] seen = frequencies(new Sampling(3, 1, 0, 1), logsOf(0.1, 0.6, 0.3));
    assertThat(seen).containsExactly(new double[] {0.1, 0.6, 0.3}, within(0.01));
  }

  @Test
  void temperatureSharpens() {
    // Probabilities to the power of two, made to add up to one again.
    double[] seen = frequencies(new Sampling(4, 0.5, 0, 1), logsOf(0.2, 0.5, 0.3));
    assertThat(seen).containsExactly(new double[] {4 / 38., 25 / 38., 9 / 38.}, within(0.01));
  }

  @Test
  void topKKeepsTheLargestLogits() {
    double[] seen = frequencies(new Sampling(5, 1, 2, 1), logsOf(0.2, 0.1, 0.4, 0.3));
    assertThat(seen).containsExactly(new double[] {0, 0, 4 / 7., 3 / 7.}, within(0.01));
  }

  @Test
  void topPKeepsTheFewestThatAddUp() {
    double[] seen = frequencies(new Sampling(6, 1, 0, 0.65), logsOf(0.1, 0.4, 0.2, 0.3));
    assertThat(seen).containsExactly(new double[] {0, 4 / 7., 0, 3 / 7.}, within(0.01));
    assertThat(frequencies(new Sampling(6, 1, 0, 1e-9), logsOf(0.3, 0.7))).containsExactly(0, 1);
  }

  @Test
  void minPKeepsWhatIsLikelyBesideTheLikeliest() {
    double[] seen = frequencies(new Sampling(7, 1, 0, 1, 0.5), logsOf(0.1, 0.4, 0.19, 0.31));
    assertThat(seen).containsExactly(new double[] {0, 40 / 71., 0, 31 / 71.}, within(0.01));
    assertThat(frequencies(new Sampling(7, 1, 0, 1, 1), logsOf(0.3, 0.7))).containsExactly(0, 1);
  }

  /** What was done before there was a first look: all tokens in order, of which one is drawn. */
  private static int drawnFromAll(Logits logits, double temperature, double topP, double uniform) {
    int[] ids = logits.largest(0, logits.vocabulary());
    double[] weights = new double[ids.length];
    Arrays.setAll(
        weights,
        i -> Math.exp(((double) logits.get(0, ids[i]) - logits.get(0, ids[0])) / temperature));
    double wanted = topP * Arrays.stream(weights).sum();
    int count = 0;
    double kept = 0;
    while (count < ids.length && kept < wanted) {
      kept += weights[count++];
    }
    double left = kept * uniform;
    int i = 0;
    while (i < count - 1 && (left -= weights[i]) >= 0) {
      i++;
    }
    return ids[i];
  }

  @Test
  void looksNoFurtherThanItMust() {
    Random random = new Random(11);
    float[] values = new float[5_000];
    for (int v = 0; v < values.length; v++) {
      values[v] = (float) random.nextGaussian();
    }
    Logits logits = logits(values);
    for (int i = 0; i < 300; i++) {
      // Flat ones need many tokens, sharp ones few.
      double temperature = 0.05 + 2 * random.nextDouble();
      double topP = i % 3 == 0 ? 1 : 0.3 + 0.7 * random.nextDouble();
      double uniform = random.nextDouble();
      Sampling sampling = new Sampling(0, temperature, 0, topP);
      assertThat(sampling.choose(logits, 0, uniform))
          .as("%s at %s", sampling, uniform)
          .isEqualTo(drawnFromAll(logits, temperature, topP, uniform));
    }
  }

  @Test
  void ofEqualLogitsTheFirstOnesAreKept() {
    assertThat(new Sampling(1, 1, 1, 1).choose(logits(2, 7, -0f, 7), 0, text())).isEqualTo(1);
    assertThat(new Sampling(1, 1, 1, 1).choose(logits(-0f, 0f, -1), 0, text())).isZero();
  }

  private static TokenHistory text() {
    return new TokenHistory(new int[] {1});
  }

  @Test
  void refusesWhatCannotBeDrawnFrom() {
    Sampling sampling = new Sampling(1, 1, 0, 1);
    assertThatThrownBy(() -> sampling.choose(logits(1, Float.NaN), 0, text()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("the logit of token 1 is not a number");
    assertThatThrownBy(() -> sampling.choose(logits(1, Float.POSITIVE_INFINITY), 0, text()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("the largest logit is Infinity, of token 1");
    assertThatThrownBy(() -> new Sampling(1, 0, 0, 1))
        .hasMessageContaining("temperature must be above 0 and finite, found 0.0");
    assertThatThrownBy(() -> new Sampling(1, 1, -1, 1)).hasMessageContaining("found -1");
    assertThatThrownBy(() -> new Sampling(1, 1, 0, 0)).hasMessageContaining("in (0, 1], found 0.0");
    assertThatThrownBy(() -> new Sampling(1, 1, 0, 1, 1.5))
        .hasMessageContaining("min_p must be in [0, 1], found 1.5");
  }

  @Test
  void aSeededRowDoesNotDependOnItsNeighbours() {
    try (DecoderModel model = DecodeFixtures.open("stories260K", cache)) {
      List<AskedRow> asked =
          IntStream.range(0, 4)
              .mapToObj(
                  seed ->
                      AskedRow.greedy(
                              seed % 2 == 0 ? "knorm" : "h2o(local_window_size=4,decoding=true)",
                              Budget.ratio(0.5),
                              DecodeFixtures.storyIds(0, 40),
                              20)
                          .choosing(new Sampling(seed, 1.2, 50, 0.95)))
              .toList();
      List<Ticket> tickets = new ArrayList<>();
      try (Batch batch = Batch.over(model, new BatchOptions(4, 64))) {
        asked.forEach(row -> tickets.add(batch.submit(row.request())));
        batch.run();
      }
      for (int r = 0; r < 4; r++) {
        asked.get(r).compare(model, tickets.get(r), 64);
      }
      assertThat(tickets.stream().map(t -> t.result().ids()).distinct()).hasSize(4);
    }
  }
}
