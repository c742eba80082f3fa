package dev.kvpress.compare.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.testdata.Golden;

/** Holds numbers of an answer against those of the original code. */
final class GoldenNumbers {
  private GoldenNumbers() {}

  /**
   * Within a relative 1e-4 and an absolute tolerance; protected ones must be the highest of their
   * file.
   */
  static void assertClose(String what, JsonNode found, JsonNode expected, double absolute) {
    assertThat(Golden.shape(found)).as(what).isEqualTo(Golden.shape(expected));
    float[] own = Golden.floats(found);
    float[] golden = Golden.floats(expected);
    float highest = Float.NEGATIVE_INFINITY;
    for (float value : golden) {
      highest = Math.max(highest, value);
    }
    for (int i = 0; i < own.length; i++) {
      if (own[i] == Float.POSITIVE_INFINITY) {
        assertThat(golden[i]).as("%s, number %d", what, i).isEqualTo(highest);
      } else {
        double tolerance = absolute + 1e-4 * Math.abs(golden[i]);
        assertThat((double) own[i])
            .as("%s, number %d", what, i)
            .isBetween(golden[i] - tolerance, golden[i] + tolerance);
      }
    }
  }
}
