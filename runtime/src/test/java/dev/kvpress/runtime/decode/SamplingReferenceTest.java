package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tokens are drawn with the probabilities that transformers' processors make; see test-data. */
class SamplingReferenceTest {
  /** Numbers that are drawn by, spread evenly: a share is right to one of them. */
  private static final int GRID = 10_000;

  private static double number(JsonNode options, String name, double otherwise) {
    return options.path(name).asDouble(otherwise);
  }

  private static Penalties penalties(JsonNode options) {
    Map<Integer, Double> bias = new HashMap<>();
    options
        .path("logit_bias")
        .fields()
        .forEachRemaining(e -> bias.put(Integer.parseInt(e.getKey()), e.getValue().asDouble()));
    return new Penalties(
        bias,
        number(options, "repetition_penalty", 1),
        number(options, "presence_penalty", 0),
        number(options, "frequency_penalty", 0));
  }

  @Test
  void drawsAsTransformersDoes() throws IOException {
    Path file =
        Path.of(System.getProperty("kvpress.root"), "test-data/reference/sampling/figures.json");
    JsonNode cases = new ObjectMapper().readTree(file.toFile());
    assertThat(cases).hasSize(36);
    for (JsonNode one : cases) {
      JsonNode options = one.get("options");
      Sampling sampling =
          new Sampling(
              0,
              number(options, "temperature", 1),
              options.path("top_k").asInt(0),
              number(options, "top_p", 1),
              number(options, "min_p", 0));
      double[] shares =
          shares(
              sampling,
              penalties(options),
              TestLogits.of(DecodeFixtures.floats(one.get("logits"))),
              TestLogits.text(
                  DecodeFixtures.ints(one.get("prompt")), DecodeFixtures.ints(one.get("chosen"))));
      JsonNode wanted = one.get("probabilities");
      for (int v = 0; v < shares.length; v++) {
        assertThat(Math.abs(shares[v] - wanted.get(v).asDouble()))
            .as("token %d of %s: %s for %s", v, options, shares[v], wanted.get(v))
            .isLessThan(1.5 / GRID);
      }
    }
  }

  private static double[] shares(
      Sampling sampling, Penalties penalties, Logits logits, TokenHistory text) {
    double[] shares = new double[logits.vocabulary()];
    for (int i = 0; i < GRID; i++) {
      double uniform = (i + 0.5) / GRID;
      TokenChoice choice = (changed, row, same) -> sampling.choose(changed, row, uniform);
      shares[penalties.before(choice).choose(logits, 0, text)] += 1.0 / GRID;
    }
    return shares;
  }
}
