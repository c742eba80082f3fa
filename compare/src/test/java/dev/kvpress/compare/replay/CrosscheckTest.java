package dev.kvpress.compare.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.testdata.Golden;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Presses with unusual parameters, alone and in wrappers, against figures of the original code. */
class CrosscheckTest {
  @ParameterizedTest
  @ValueSource(strings = {"score", "replay"})
  void agreesWithTheOriginal(String command) {
    List<JsonNode> cases = new ArrayList<>();
    StringBuilder batch = new StringBuilder();
    for (JsonNode one : Golden.load("crosscheck").get("cases")) {
      if (one.get("command").asText().equals(command)) {
        cases.add(one);
        batch.append(one.get("line")).append('\n');
      }
    }
    Cli run = command.equals("score") ? Cli.score(batch.toString()) : Cli.replay(batch.toString());
    assertThat(run.exitCode()).as(run.lines().toString()).isZero();
    assertThat(run.lines()).hasSameSizeAs(cases).isNotEmpty();
    for (int i = 0; i < cases.size(); i++) {
      assertAnswer(run.answer(i), cases.get(i));
    }
  }

  private static void assertAnswer(JsonNode answer, JsonNode of) {
    String what = of.at("/line/press").asText() + ", seed " + of.get("seed");
    JsonNode expected = of.get("expected");
    for (String field : List.of("kept", "zeroed_channels")) {
      if (expected.has(field)) {
        assertThat(answer.get(field)).as(what).isEqualTo(expected.get(field));
      }
    }
    for (String field : List.of("scores", "keys", "values")) {
      if (expected.has(field)) {
        GoldenNumbers.assertClose(
            what + ", " + field, answer.get(field), expected.get(field), 1e-5);
      }
    }
    for (int step = 0; step < expected.path("trace").size(); step++) {
      assertThat(answer.at("/trace/" + step + "/kept"))
          .as("%s, step %d", what, step)
          .isEqualTo(expected.get("trace").get(step));
    }
  }
}
