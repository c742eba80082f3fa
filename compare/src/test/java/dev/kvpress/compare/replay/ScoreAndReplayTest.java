package dev.kvpress.compare.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.testdata.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What score and replay answer. */
class ScoreAndReplayTest {
  private static final String KEYS = "'inputs':{'keys':[[[[3],[1],[4],[2]]]]}}";

  private static String score(String line, String... options) {
    return Cli.score(Cli.quoted(line), options).lines().get(0);
  }

  @Test
  void printsScoresAndKeptPositions() {
    assertThat(score("{'press':'knorm','compression_ratio':0.5," + KEYS))
        .isEqualTo(Cli.quoted("{'scores':[[[-3.0,-1.0,-4.0,-2.0]]],'kept':[[[1,3]]]}"));
    assertThat(score("{'press':'knorm','budget':3," + KEYS)).contains("[[[0,1,3]]]");
  }

  @Test
  void printsProtectedTokensAsInf() {
    String answer =
        score(
            "{'press':'h2o(local_window_size=1)','compression_ratio':0.5,"
                + "'inputs':{'attentions':[[[[1,0],[0.5,0.5]]]]}}");
    assertThat(answer).startsWith(Cli.quoted("{'scores':[[[0.75,'inf']]],'kept':[[[1]]],"));
    assertThat(Cli.json(answer).at("/notices/0").asText()).contains("protected window");
  }

  @Test
  void keepsAllAndSaysSoWithoutABudget() {
    assertThat(score("{'press':'knorm'," + KEYS))
        .contains("[[[0,1,2,3]]]")
        .contains("-4.0")
        .contains("neither compression_ratio nor budget");
    assertThat(score("{'press':'baseline'," + KEYS))
        .isEqualTo(Cli.quoted("{'kept':[[[0,1,2,3]]]}"));
  }

  @Test
  void takesWordsAndPythonTokensForNumbersThatJsonLacks() {
    assertThat(
            score(
                "{'press':'knorm','budget':1,'inputs':{'keys':[[[['inf'],[-Infinity],['fmax'],[2]]]]}}"))
        .contains("\"-inf\"")
        .contains("\"kept\":[[[3]]]");
  }

  @Test
  void countsKnownFieldsNobodyReadsAsGiven() {
    assertThat(
            score(
                "{'press':'knorm','budget':1,'layer':3,'layers':8,'inputs':{'keys':[[[[1],[2]]]],"
                    + "'random_sketch':[[1]],'kvzap_weights':{'a':[1]},'values':null}}"))
        .contains("[[[0]]]");
  }

  @Test
  void fillsParametersThatSpecsLeaveOut() {
    String dms = "{'press':'dms(knorm)'," + KEYS;
    assertThat(score(dms, "--batch", "-", "--threshold", "-2.5", "--sliding-window-size", "1"))
        .isEqualTo(Cli.quoted("{'kept':[[[1,3]]]}"));
    String random = "{'press':'random','budget':2," + KEYS;
    assertThat(score(random, "--batch", "-", "--seed", "1"))
        .isNotEqualTo(score(random, "--batch", "-", "--seed", "2"));
  }

  @Test
  void worksOutAttentionFromQueriesAndKeys() {
    // One query head of size 1; softmax of (ln 3, 0) is (3/4, 1/4).
    String ln3 = String.valueOf(Math.log(3));
    String answer =
        score(
            ("{'press':'tova','compression_ratio':0.0,'inputs':{'keys':[[[[%s],[0],[0]]]],"
                    + "'queries':[[[[1],[1],[1]]]]}}")
                .formatted(ln3));
    assertThat((float) Cli.json(answer).at("/scores/0/0/0").asDouble()).isEqualTo(0.6f);
    assertThat((float) Cli.json(answer).at("/scores/0/0/1").asDouble()).isEqualTo(0.2f);
  }

  @Test
  void evictsInDecodingOnlyWhereThePressGoesOn() {
    String steps =
        "'steps':[{'attentions':[[[[1,0],[0.9,0.1]]]]},{'attentions':[[[[0.5,%s0.5]]]]}]}";
    assertThat(
            Cli.replay(
                    Cli.quoted(
                        "{'press':'h2o(local_window_size=1)','compression_ratio':0.5,"
                            + steps.formatted("")))
                .lines()
                .get(0))
        .contains("{\"kept\":[[[1]]],\"compression_ratio\":0.5}")
        .contains("{\"kept\":[[[1,2]]],\"compression_ratio\":0.33333333333333337}");
    assertThat(
            Cli.replay(
                    Cli.quoted(
                        "{'press':'h2o(local_window_size=1,decoding=true)','compression_ratio':0.5,"
                            + steps.formatted("")))
                .lines()
                .get(0))
        .contains("{\"kept\":[[[2]]],");
  }

  @Test
  void takesRowsAsLongAsTheirHeadOrPaddedInFront() {
    // The first token of head 1 has a mean of 0.1 and goes.
    String line =
        "{'press':'dms(observed_attention,threshold=0.2,sliding_window_size=1,decoding=true)',"
            + "'steps':[{'attentions':[[[[1,0],[0.9,0.1]],[[0.1,0],[0.1,0.9]]]]},"
            + "{'attentions':[[[[0.1,0.2,0.7]],[[%s]]]]}]}";
    String own = Cli.replay(Cli.quoted(line.formatted("0.3,0.7"))).lines().get(0);
    assertThat(own).contains("{\"kept\":[[[0,1],[1]]],").doesNotContain("error");
    assertThat(Cli.replay(Cli.quoted(line.formatted("0,0.3,0.7"))).lines()).containsExactly(own);
    assertThat(Cli.replay(Cli.quoted(line.formatted("0.3,0.7,0"))).lines().get(0))
        .contains("steps[1].attentions[0][1][0]: expected 2 numbers")
        .contains("padding must be zeros in front");
  }

  @Test
  void readsFilesWithByteOrderMarkAndWindowsLineEnds(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("cases.jsonl");
    String line = Cli.quoted("{'press':'knorm','budget':1," + KEYS);
    Files.writeString(file, "\uFEFF" + line + "\r\n" + line + "\r\n");
    Cli run = Cli.score("", "--batch", file.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines()).hasSize(2).allMatch(answer -> answer.contains("[[[1]]]"));
  }

  @Test
  void readsLinesLongerThanItsBuffer() {
    String keys = "[[[" + "[1.25],".repeat(60_000) + "[0.5]]]]";
    Cli run =
        Cli.score(
            Cli.quoted("{'press':'knorm','budget':1,'inputs':{'keys':%s}}\n".formatted(keys))
                .repeat(2));
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines()).hasSize(2);
    assertThat(run.answer(1).at("/kept/0/0/0").asInt()).isEqualTo(60_000);
  }

  @Test
  void takesTheQueryHeadsFromTheOutputProjectionWhereNoQueriesTellThem() {
    String answer =
        score(
            "{'press':'criticalkv(knorm,epsilon=0,first_stage_ratio=0)','compression_ratio':0.5,"
                + "'inputs':{'keys':[[[[3],[1],[2]]]],'values':[[[[1],[1],[5]]]],"
                + "'output_projection':[[1,-3]]}}");

    // Two query heads: the mean of |1 v| and |3 v| weighs the scores -3, -1, -2.
    assertThat(answer).contains("\"scores\":[[[-6.0,-2.0,-20.0]]]").contains("\"kept\":[[[1]]]");
  }

  /** What all keys of a chunk share adds one number to each logit, which no softmax sees. */
  @Test
  void nonCausalAttentionTakesLogitsFarBelowZero() {
    String line =
        Cli.quoted(
            "{'press':'non_causal_attn(chunk_size=3)','compression_ratio':0.5,'inputs':{'keys':[[[[40,0],[40,1],[40,-1]]]],'values':[[[[1,0],[2,0],[4,0]]]],'queries':[[[[%1$s,1],[%1$s,2],[%1$s,0.5]]]]}}");
    Cli near = Cli.score(line.formatted("0"));
    Cli far = Cli.score(line.formatted("-20"));
    assertThat(far.exitCode()).as(far.lines().toString()).isZero();
    float[] expected = Golden.floats(near.answer(0).get("scores"));
    float[] found = Golden.floats(far.answer(0).get("scores"));
    for (int j = 0; j < expected.length; j++) {
      assertThat(found[j]).isCloseTo(expected[j], within(1e-4f));
    }
    assertThat(far.answer(0).get("kept")).isEqualTo(near.answer(0).get("kept"));
  }
}
