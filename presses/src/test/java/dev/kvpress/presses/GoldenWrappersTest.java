package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.testdata.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrappers and layer-wise presses against the figures of the original code. */
class GoldenWrappersTest {

  private static SyntheticLayer layer(JsonNode file, JsonNode goldenCase) {
    String input = goldenCase.get("input").asText();
    SyntheticLayer layer = GoldenCases.layer(file, input);
    JsonNode in = file.at("/inputs/" + input);
    boolean given = in.has("attentions") && goldenCase.path("use_attentions").asBoolean(true);
    if (in.has("hidden_states") && !given) {
      AttentionOf.fill(layer, in);
    }
    if (in.has("o_proj")) {
      layer.outputProjection = Golden.floats(in.get("o_proj"));
    }
    return layer;
  }

  /** {@code name(a=1,b=2)} of a node with parameters, without the compression ratio. */
  private static String spec(String name, String inner, JsonNode params) {
    List<String> parts = new ArrayList<>();
    if (!inner.isEmpty()) {
      parts.add(inner);
    }
    for (Map.Entry<String, JsonNode> entry : params.properties()) {
      if (!entry.getKey().equals("compression_ratio")) {
        parts.add(entry.getKey() + "=" + entry.getValue().asText());
      }
    }
    return parts.isEmpty() ? name : name + "(" + String.join(",", parts) + ")";
  }

  private static Press press(String name, JsonNode goldenCase) {
    String base = spec(goldenCase.get("base_press").asText(), "", goldenCase.path("base_params"));
    String spec = spec(name, base, goldenCase.get("params"));
    return (Press) PressCatalog.load().make(spec).press();
  }

  private static Budget budget(JsonNode goldenCase) {
    return Budget.ratio(goldenCase.at("/params/compression_ratio").asDouble());
  }

  private static List<List<List<Integer>>> kept(CacheEdit edit) {
    KeptSlots kept = edit.kept().orElseThrow();
    List<List<List<Integer>>> rows = new ArrayList<>();
    for (int b = 0; b < kept.batch(); b++) {
      List<List<Integer>> heads = new ArrayList<>();
      for (int g = 0; g < kept.kvHeads(); g++) {
        heads.add(Arrays.stream(kept.of(b, g)).boxed().toList());
      }
      rows.add(heads);
    }
    return rows;
  }

  @Test
  void adaKvEvictsWhatTheOriginalMasks() {
    JsonNode golden = Golden.load("adakv");
    for (JsonNode goldenCase : golden.get("cases")) {
      Press press = press("adakv", goldenCase);
      CacheEdit edit =
          press.compress(layer(golden, goldenCase).prefill(press.needs()), budget(goldenCase));
      List<List<List<Integer>>> expected = GoldenCases.nested(goldenCase.get("kept"));
      if (goldenCase.get("tie_sensitive").asBoolean()) {
        assertThat(kept(edit).stream().mapToInt(GoldenWrappersTest::size).toArray())
            .isEqualTo(expected.stream().mapToInt(GoldenWrappersTest::size).toArray());
      } else {
        assertThat(kept(edit)).as(goldenCase.get("params").toString()).isEqualTo(expected);
      }
    }
  }

  private static int size(List<List<Integer>> row) {
    return row.stream().mapToInt(List::size).sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {"chunk", "chunkkv", "block"})
  void selectsChunksAsTheOriginal(String name) {
    JsonNode golden = Golden.load(name);
    for (JsonNode goldenCase : golden.get("cases")) {
      Press press = press(name, goldenCase);
      CacheEdit edit =
          press.compress(layer(golden, goldenCase).prefill(press.needs()), budget(goldenCase));
      List<List<List<Integer>>> expected = GoldenCases.nested(goldenCase.get("kept"));
      // The original applies the chunks of row 0 to every row.
      int rows = name.equals("chunkkv") ? 1 : expected.size();
      assertThat(kept(edit).subList(0, rows))
          .as("%s %s", goldenCase.get("base_press"), goldenCase.get("params"))
          .isEqualTo(expected.subList(0, rows));
    }
  }

  @Test
  void criticalKvFollowsTheOriginal() {
    JsonNode golden = Golden.load("criticalkv");
    for (JsonNode goldenCase : golden.get("cases")) {
      String kind = goldenCase.get("kind").asText();
      if (kind.equals("vwl1norm")) {
        continue;
      }
      Press press =
          press(kind.equals("CriticalKVPress") ? "criticalkv" : "critical_adakv", goldenCase);
      LayerSignals signals = layer(golden, goldenCase).prefill(press.needs());
      if (goldenCase.has("scores")) {
        GoldenCases.assertScores(
            ((ScorerPress) press).score(signals, budget(goldenCase)), goldenCase.get("scores"));
      }
      assertThat(kept(press.compress(signals, budget(goldenCase))))
          .as("%s %s", goldenCase.get("base_press"), goldenCase.get("params"))
          .isEqualTo(GoldenCases.nested(goldenCase.get("kept")));
    }
  }

  @Test
  void keyRerotationTurnsKeysAsTheOriginal() {
    JsonNode golden = Golden.load("key_rerotation");
    JsonNode goldenCase = golden.get("cases").get(0);
    Press press = press("key_rerotation", goldenCase);
    CacheEdit edit =
        press.compress(layer(golden, goldenCase).prefill(press.needs()), budget(goldenCase));
    assertThat(kept(edit)).isEqualTo(GoldenCases.nested(goldenCase.get("kept")));
    assertThat(edit.nextPosition()).hasValue(goldenCase.get("n_kept").asInt());
    float[] expected = Golden.floats(goldenCase.get("rotated_keys"));
    HeadVectors keys = edit.keys().orElseThrow();
    float[] key = new float[keys.size()];
    for (int at = 0; at < expected.length; at++) {
      int token = at / key.length;
      int count = goldenCase.get("n_kept").asInt();
      keys.read(token / count / 2, token / count % 2, token % count, key);
      assertThat(key[at % key.length]).isCloseTo(expected[at], within(1e-5f));
    }
  }

  @Test
  void thinkZeroesTheChannelsOfTheOriginal() {
    JsonNode golden = Golden.load("think_simlayer");
    for (JsonNode goldenCase : golden.get("cases")) {
      if (!goldenCase.get("kind").asText().equals("ThinKPress")) {
        continue;
      }
      Press press =
          (Press) PressCatalog.load().make(spec("think", "", goldenCase.get("params"))).press();
      CacheEdit edit =
          press.compress(layer(golden, goldenCase).prefill(press.needs()), Budget.FULL);
      ZeroedChannels zeroed = edit.zeroedChannels().orElseThrow();
      for (int head = 0; head < 4; head++) {
        JsonNode expected = goldenCase.get("zeroed_channels").get(head / 2).get(head % 2);
        assertThat(zeroed.of(head / 2, head % 2)).containsExactlyInAnyOrder(Golden.ints(expected));
      }
    }
  }

  @Test
  void decodingPressesCutWhenTheOriginalsDo() {
    JsonNode golden = Golden.load("decoding");
    for (JsonNode goldenCase : golden.get("cases")) {
      JsonNode params = goldenCase.get("params");
      String base = goldenCase.get("base_press").asText();
      // The file leaves out that its sinks are two.
      String inner = base.equals("streaming_llm") ? "streaming_llm(n_sink=2)" : base;
      int interval = params.get("compression_interval").asInt();
      String kind = params.get("kind").asText();
      String spec =
          kind.equals("CompressionRatioDecodingPress")
              ? "compression_ratio_decoding(%s,compression_interval=%d,target_compression_ratio=%s)"
                  .formatted(inner, interval, params.get("target_compression_ratio").asText())
              : "decoding(%s,compression_interval=%d,target_size=%d)"
                  .formatted(inner, interval, params.get("target_size").asInt());
      boolean both = kind.equals("PrefillDecodingPress");
      if (both) {
        spec = "prefill_decoding(knorm(compression_ratio=0.5)," + spec + ")";
      }
      ModelPress press = PressCatalog.load().make(spec).press();
      SyntheticLayer.Run run = GoldenCases.layer(golden, "a").new Run(Set.of());
      int seen = 0;
      for (JsonNode step : goldenCase.get("trace")) {
        int now = step.get("total_seen").asInt() - seen;
        LayerSignals signals = run.pass(seen == 0 ? Phase.PREFILL : Phase.DECODE, now, now);
        seen += now;
        run.apply(press.compress(new ModelSignals(List.of(signals)), Budget.FULL).get(0));
        assertThat(run.ledger().length(0, 0)).as(spec).isEqualTo(step.get("cache_len").asInt());
        // The original hands StreamingLLM a cache in score order, whose positions mean nothing.
        for (int g = 0; g < 2 && !both; g++) {
          assertThat(run.ledger().positions(0, g))
              .as("%s at %d", spec, seen)
              .isEqualTo(Golden.ints(step.get("kept").get(0).get(g)));
        }
      }
    }
  }

  @Test
  void pyramidKvKeepsTheTokensOfTheOriginal() {
    JsonNode golden = Golden.load("pyramidkv");
    for (JsonNode goldenCase : golden.get("cases")) {
      if (!goldenCase.get("kind").asText().equals("compress")) {
        continue;
      }
      SyntheticLayer layer = layer(golden, goldenCase);
      layer.layer = goldenCase.at("/params/layer_idx").asInt();
      layer.layers = goldenCase.at("/params/num_hidden_layers").asInt();
      Press press =
          (Press)
              PressCatalog.load().make("pyramidkv(window_size=4,kernel_size=3,beta=20)").press();
      assertThat(kept(press.compress(layer.prefill(press.needs()), budget(goldenCase))))
          .isEqualTo(GoldenCases.nested(goldenCase.get("kept")));
    }
  }
}
