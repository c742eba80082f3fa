package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ReadingPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.reading.KvComposePress;
import dev.kvpress.presses.reading.KvZipPress;
import dev.kvpress.presses.reading.KvZipScores;
import dev.kvpress.presses.reading.Shares;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Scores and kept tokens of presses that read the context again are those of kvpress's own code.
 */
class SecondPassReferenceTest {
  private static final int SINKS = 4;

  @TempDir static Path cache;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void kvzipScoresAndKeepsAsKvpress(String name) {
    SecondPassFixture fixture = SecondPassFixture.of(name);
    try (DecoderModel model = fixture.open(cache)) {
      for (JsonNode one : fixture.cases("kvzip")) {
        KvZipScores scores =
            new KvZipScores(
                SINKS,
                one.get("plus").asBoolean(),
                one.get("chunk").asInt(),
                one.get("postfix").asInt());
        Shares shares = one.get("layerwise").asBoolean() ? Shares.LAYER : Shares.MODEL;
        Scored press = new Scored(scores::of, new KvZipPress(scores, shares));
        model.prompts().use(fixture.frame(one.get("prefix").asInt()));
        try (Context context = model.start(1, press.needs())) {
          context.prefill(fixture.ids(), 7);
          context.compress(press, Budget.ratio(one.get("ratio").asDouble()));
          assertScores(press.seen, one.get("scores"));
          assertKept(context, one.get("kept"));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void kvcomposeScoresAndKeepsAsKvpress(String name) {
    SecondPassFixture fixture = SecondPassFixture.of(name);
    try (DecoderModel model = fixture.open(cache)) {
      model.prompts().use(fixture.frame(0));
      for (JsonNode one : fixture.cases("kvcompose")) {
        List<String> options = new ArrayList<>();
        one.get("options")
            .properties()
            .forEach(option -> options.add(option.getKey() + "=" + option.getValue().asText()));
        String spec = "kvcompose(" + String.join(",", options) + ")";
        KvComposePress kvcompose = (KvComposePress) PressCatalog.load().make(spec).press();
        Scored press = new Scored(kvcompose::scores, kvcompose);
        try (Context context = model.start(1, press.needs())) {
          context.prefill(fixture.ids(), 7);
          context.compress(press, Budget.ratio(one.get("ratio").asDouble()));
          assertScores(press.seen, one.get("scores"));
          assertKept(context, one.get("kept"));
        }
      }
    }
  }

  private interface Scorer {
    List<Scores> of(ModelSignals model, Reader reader);
  }

  /** A press whose scores can be looked at. */
  private static final class Scored implements ReadingPress {
    private final Scorer scores;
    private final ReadingPress press;
    private List<Scores> seen = List.of();

    Scored(Scorer scores, ReadingPress press) {
      this.scores = scores;
      this.press = press;
    }

    @Override
    public List<CacheEdit> compress(ModelSignals model, Reader reader, Budget budget) {
      seen = scores.of(model, reader);
      return press.compress(model, reader, budget);
    }

    @Override
    public Set<Signal> needs() {
      return press.needs();
    }

    @Override
    public Set<Signal> needsOfReading() {
      return press.needsOfReading();
    }
  }

  private static void assertScores(List<Scores> actual, JsonNode expected) {
    assertThat(actual).hasSize(expected.size());
    for (int l = 0; l < expected.size(); l++) {
      for (int g = 0; g < expected.get(l).size(); g++) {
        JsonNode head = expected.get(l).get(g);
        assertThat(actual.get(l).length(0, g)).isEqualTo(head.size());
        for (int j = 0; j < head.size(); j++) {
          double value = head.get(j).asDouble();
          assertThat(Math.abs(actual.get(l).get(0, g, j) - value))
              .as("layer %d head %d token %d: %s", l, g, j, value)
              .isLessThanOrEqualTo(1e-6 + 2e-5 * Math.abs(value));
        }
      }
    }
  }

  private static void assertKept(Context context, JsonNode expected) {
    List<List<List<Integer>>> kept = new ArrayList<>();
    List<List<List<Integer>>> original = new ArrayList<>();
    for (int l = 0; l < expected.size(); l++) {
      kept.add(new ArrayList<>());
      original.add(new ArrayList<>());
      for (int g = 0; g < expected.get(l).size(); g++) {
        kept.get(l).add(list(context.positions(l, 0, g)));
        original.get(l).add(list(DecodeFixtures.ints(expected.get(l).get(g))));
      }
    }
    assertThat(kept).isEqualTo(original);
  }

  private static List<Integer> list(int[] numbers) {
    List<Integer> list = new ArrayList<>();
    for (int number : numbers) {
      list.add(number);
    }
    return list;
  }
}
