package dev.kvpress.presses.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.AttentionOf;
import dev.kvpress.presses.GoldenCases;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.signal.RunningMoments;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.testdata.Golden;
import org.junit.jupiter.api.Test;

class QueryMomentsTest {
  @Test
  void agreesWithTheOriginal() {
    JsonNode golden = Golden.load("expected_attention");
    int covariances = 0;
    for (JsonNode goldenCase : golden.get("cases")) {
      String input = goldenCase.get("input").asText();
      SyntheticLayer layer = GoldenCases.layer(golden, input);
      JsonNode in = golden.at("/inputs/" + input);
      int heads = layer.shape.queryHeads();
      int tokens = layer.shape.tokens();
      int size = layer.shape.headSize();
      float[] projected = AttentionOf.heads(layer, in, "q_proj", heads);
      for (int head = 0; head < layer.shape.batch() * heads; head++) {
        RunningMoments running =
            new RunningMoments(size, goldenCase.at("/params/use_covariance").asBoolean());
        // Blocks of different length, a single query among them.
        int added;
        for (int t = goldenCase.at("/params/n_sink").asInt(); t < tokens; t += added) {
          added = Math.min(1 + t % 5, tokens - t);
          running.add(queries(projected, head * tokens + t, added, size));
        }
        QueryMoments moments =
            new QueryMoments(running.mean(), running.covariance())
                .rotated(
                    RotaryParameters.ofTheta(in.get("rope_theta").asDouble(), size),
                    tokens,
                    goldenCase.at("/params/n_future_positions").asInt());
        assertClose(
            moments.mean(),
            goldenCase.get("mean_query_after_avg_rope").get(head / heads).get(head % heads));
        if (goldenCase.has("cov_query_after_avg_rope")) {
          assertClose(
              moments.covariance(),
              goldenCase.get("cov_query_after_avg_rope").get(head / heads).get(head % heads));
          covariances++;
        }
      }
    }
    assertThat(covariances).isPositive();
  }

  private static double[][] queries(float[] projected, int first, int count, int size) {
    double[][] queries = new double[count][size];
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < size; c++) {
        queries[i][c] = projected[(first + i) * size + c];
      }
    }
    return queries;
  }

  private static void assertClose(double[] found, JsonNode expected) {
    float[] golden = Golden.floats(expected);
    assertThat(found).hasSameSizeAs(golden);
    for (int i = 0; i < golden.length; i++) {
      assertThat(found[i]).isCloseTo(golden[i], within(1e-6 + 1e-4 * Math.abs(golden[i])));
    }
  }
}
