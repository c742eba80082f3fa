package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.ints;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.AskedRow.Outcome;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.graph.ZooGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rows of every architecture and of graphs of many tools: all that tells them apart (positions,
 * masks, windows, lengths of the text) is each row's own.
 */
@Tag("long")
@Tag(TestProvider.TAG)
class BatchOnModelsTest {
  private static final List<String> PRESSES =
      List.of(
          "knorm",
          "h2o(local_window_size=2,decoding=true)",
          "baseline",
          "adakv(snapkv(window_size=3,kernel_size=3))",
          "decoding(streaming_llm(n_sink=1),compression_interval=2,target_size=6)");

  /** Graphs whose rows pass one by one, and why. */
  private static final Map<String, String> ONE_BY_ONE =
      Map.ofEntries(
          Map.entry("no-mask", "cannot tell padding"),
          Map.entry("no-mask-but-positions", "cannot tell padding"),
          Map.entry("gqa-no-mask", "cannot tell padding"),
          Map.entry("mask-of-positions", "counts padding"),
          Map.entry("learned-of-past", "counts padding"),
          Map.entry("triangle", "counts padding"),
          Map.entry("hybrid", "state beside the cache"),
          Map.entry("batch-of-one", "batches of one size"),
          Map.entry("one-token", "batches of one size"),
          Map.entry("unrotated-cache", "counts padding"),
          Map.entry("positions-of-past", "length of the longest row"),
          Map.entry("torchscript-joined", "length of the longest row"));

  /** So large that rows pass together for long. */
  private static final int CHUNK = 32;

  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  static List<ZooGraph> graphs() {
    return ZooGraph.all();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void everyArchitecture(Path folder) {
    int[] ids = ints(ReferenceFolders.reference(folder).get("input_ids").get(0));
    try (DecoderModel model = DecoderModel.open(folder, DecodeFixtures.oneThread(cache))) {
      assertSameAsAlone(model, ids, 1e-4);
    }
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void everyGraph(ZooGraph graph) {
    try (DecoderModel model = DecoderModel.open(graph.path(), DecodeFixtures.oneThread(cache))) {
      String reason = ONE_BY_ONE.get(graph.name());
      assertThat(model.joinRefusal().orElse("")).contains(reason == null ? "" : reason);
      assertThat(model.joinRefusal().isPresent())
          .as("%s: %s", graph.name(), model.joinRefusal())
          .isEqualTo(reason != null);
      assertSameAsAlone(model, graph.prompt(), Math.max(1e-4, graph.tolerance()));
    }
  }

  @Test
  void aGraphThatIsOnlyFused() {
    Path graph = ExportCache.of(cache).export(SharedModels.path("models/stories260K")).fused();
    try (DecoderModel model = DecoderModel.open(graph, DecodeFixtures.oneThread(cache))) {
      assertSameAsAlone(model, DecodeFixtures.storyIds(0, 30), 1e-4);
    }
  }

  private static void assertSameAsAlone(DecoderModel model, int[] ids, double tolerance) {
    List<AskedRow> asked = new ArrayList<>();
    for (int i = 0; i < PRESSES.size(); i++) {
      int most = model.info().maxPositions().orElse(Integer.MAX_VALUE) - 4;
      int[] prompt = Arrays.copyOfRange(ids, i % 3, ids.length - i * (ids.length / 8));
      prompt = Arrays.copyOf(prompt, Math.min(prompt.length, most));
      asked.add(
          AskedRow.greedy(PRESSES.get(i), Budget.ratio(0.5), prompt, 6 + i).within(tolerance));
    }
    List<Ticket> tickets = new ArrayList<>();
    try (Batch batch = Batch.over(model, new BatchOptions(4, CHUNK))) {
      asked.forEach(row -> tickets.add(batch.submit(row.request())));
      batch.run();
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (int r = 0; r < asked.size(); r++) {
      AskedRow row = asked.get(r);
      if (isRefused(model, row)) {
        assertThat(tickets.get(r).future()).isCompletedExceptionally();
      } else {
        outcomes.add(row.compare(model, tickets.get(r), CHUNK));
      }
    }
    assertThat(outcomes).contains(Outcome.SAME).doesNotContain(Outcome.FAILS_ALIKE);
  }

  private static boolean isRefused(DecoderModel model, AskedRow row) {
    try {
      model.requirePress(
          row.press().getClass().getSimpleName(),
          row.press(),
          row.prompt().length + row.newTokens());
      return false;
    } catch (ModelException e) {
      return true;
    }
  }
}
