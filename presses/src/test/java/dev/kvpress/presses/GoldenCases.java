package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.testdata.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Reads the layers of golden files and compares scores and kept tokens with them. */
public final class GoldenCases {
  private GoldenCases() {}

  /** The layer of a named input; keys, values and attention as far as the file has them. */
  public static SyntheticLayer layer(JsonNode file, String input) {
    JsonNode in = file.at("/inputs/" + input);
    int heads = in.get("H").asInt();
    int kvHeads = in.get("Hkv").asInt();
    SyntheticLayer.Shape shape =
        new SyntheticLayer.Shape(
            in.get("B").asInt(),
            kvHeads,
            heads / kvHeads,
            in.get("T").asInt(),
            in.get("D").asInt());
    float[] attention =
        in.has("attentions")
            ? Golden.floats(in.get("attentions"))
            : new float[shape.batch() * heads * shape.tokens() * shape.tokens()];
    return SyntheticLayer.of(
        shape, Golden.floats(in.get("keys")), Golden.floats(in.get("values")), attention);
  }

  /** Scores within rtol 1e-4 + atol 1e-6; protected ones must be the highest of their file. */
  public static void assertScores(Scores scores, JsonNode expected) {
    assertScores(scores, expected, 1e-6);
  }

  /** As {@link #assertScores(Scores, JsonNode)} with another absolute tolerance. */
  public static void assertScores(Scores scores, JsonNode expected, double absolute) {
    float[] golden = Golden.floats(expected);
    float highest = Float.NEGATIVE_INFINITY;
    for (float value : golden) {
      highest = Math.max(highest, value);
    }
    int at = 0;
    for (int b = 0; b < scores.batch(); b++) {
      for (int g = 0; g < scores.kvHeads(); g++) {
        for (int j = 0; j < scores.length(b, g); j++, at++) {
          String place = "row %d, head %d, token %d".formatted(b, g, j);
          if (scores.isProtected(b, g, j)) {
            assertThat(golden[at]).as(place).isEqualTo(highest);
          } else {
            double tolerance = absolute + 1e-4 * Math.abs(golden[at]);
            assertThat((double) scores.get(b, g, j))
                .as(place)
                .isBetween(golden[at] - tolerance, golden[at] + tolerance);
          }
        }
      }
    }
    assertThat(at).isEqualTo(golden.length);
  }

  /** The kept tokens of a golden entry; where it is tied, any set between both sides of the cut. */
  public static void assertKept(CacheEdit edit, JsonNode entry, JsonNode scores) {
    List<List<List<Integer>>> expected = nested(entry.get("kept"));
    KeptSlots kept = edit.kept().orElseThrow();
    for (int b = 0; b < expected.size(); b++) {
      for (int g = 0; g < expected.get(b).size(); g++) {
        List<Integer> own = IntStream.of(kept.of(b, g)).boxed().toList();
        if (entry.path("tie_sensitive").asBoolean()) {
          assertTied(own, Golden.floats(scores.get(b).get(g)), expected.get(b).get(g).size());
        } else {
          assertThat(own).as("row %d, head %d", b, g).isEqualTo(expected.get(b).get(g));
        }
      }
    }
  }

  private static void assertTied(List<Integer> kept, float[] scores, int count) {
    assertThat(kept).hasSize(count);
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    float cut = sorted[sorted.length - count];
    for (int j = 0; j < scores.length; j++) {
      if (scores[j] > cut) {
        assertThat(kept).contains(j);
      }
    }
    assertThat(kept).allMatch(j -> scores[j] >= cut);
  }

  /** {@code [B][G][any]} whole numbers. */
  public static List<List<List<Integer>>> nested(JsonNode node) {
    List<List<List<Integer>>> rows = new ArrayList<>();
    for (JsonNode row : node) {
      List<List<Integer>> heads = new ArrayList<>();
      for (JsonNode head : row) {
        heads.add(IntStream.of(Golden.ints(head)).boxed().toList());
      }
      rows.add(heads);
    }
    return rows;
  }
}
