package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.PackedForm;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.ZooGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Graphs are opened and trials made once, whoever asks, and nobody else waits for them. */
@Timeout(60)
class LoadedGraphsTest {
  private static final TapRequest SUMS = TapRequest.NONE.withColumnSums();

  @TempDir Path folder;

  private final HookedSessions sessions = new HookedSessions(1);

  private DecoderModel open() throws IOException {
    Path checkpoint = Files.createDirectories(folder.resolve("tiny"));
    TinyCheckpoint.llama().write(checkpoint);
    DecoderOptions options = DecodeFixtures.cpu(1, folder.resolve("exports"));
    return DecoderModel.open(checkpoint, options, sessions);
  }

  @Test
  void aSlowOpeningStopsNobodyWhoNeedsAnotherGraphAndHappensOnce() throws IOException {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch free = new CountDownLatch(1);
    sessions.onOpening(
        graph -> {
          if (graph.request().columnSums()) {
            reached.countDown();
            Side.await(free);
          }
        });
    try (DecoderModel model = open()) {
      List<Side<DecoderModel.LoadedGraph>> askers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        askers.add(Side.start("asker-" + i, () -> model.load(AttentionForm.DECOMPOSED, SUMS)));
      }
      Side.await(reached);
      askers.forEach(asker -> asker.awaitStandstillIn(LoadedGraphs.class));
      try (Context other = model.start(1, Set.of())) {
        other.prefill(new int[] {3, 4, 5}, 2);
      }
      assertThat(askers).noneMatch(Side::isOver);
      free.countDown();
      List<DecoderModel.LoadedGraph> graphs = askers.stream().map(Side::result).toList();
      assertThat(graphs).allMatch(graphs.get(0)::equals);
      assertThat(graphs.get(0)).isSameAs(model.load(AttentionForm.DECOMPOSED, SUMS));
    }
    assertThat(sessions.closed).hasValue(sessions.opened.get());
  }

  @Test
  void whatFailsToOpenFailsForAllThatWaitAndCanBeTriedAgain() throws IOException {
    CountDownLatch free = new CountDownLatch(1);
    AtomicInteger tries = new AtomicInteger();
    sessions.onOpening(
        graph -> {
          if (graph.request().columnSums() && tries.incrementAndGet() == 1) {
            Side.await(free);
            throw new ModelException("no room for the graph");
          }
        });
    try (DecoderModel model = open()) {
      List<Side<DecoderModel.LoadedGraph>> askers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        askers.add(Side.start("asker-" + i, () -> model.load(AttentionForm.DECOMPOSED, SUMS)));
        askers.get(i).awaitStandstillIn(LoadedGraphs.class);
      }
      free.countDown();
      for (Side<DecoderModel.LoadedGraph> asker : askers) {
        assertThat(asker.failure())
            .isInstanceOf(ModelException.class)
            .hasMessage("no room for the graph");
      }
      assertThat(model.load(AttentionForm.DECOMPOSED, SUMS).graph().request()).isEqualTo(SUMS);
      assertThat(tries).hasValue(2);
    }
  }

  @Test
  void aGraphThatIsOpenOnlyWhenTheModelIsClosedIsClosedToo() throws IOException {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch free = new CountDownLatch(1);
    sessions.onOpening(
        graph -> {
          reached.countDown();
          Side.await(free);
        });
    DecoderModel model = open();
    Side<DecoderModel.LoadedGraph> opener =
        Side.start("opener", () -> model.load(AttentionForm.DECOMPOSED, SUMS));
    Side.await(reached);
    Side<DecoderModel.LoadedGraph> waiter =
        Side.start("waiter", () -> model.load(AttentionForm.DECOMPOSED, SUMS));
    waiter.awaitStandstillIn(LoadedGraphs.class);
    model.close();
    model.close();
    free.countDown();
    for (Side<DecoderModel.LoadedGraph> side : List.of(opener, waiter)) {
      assertThat(side.failure())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("model tiny is closed");
    }
    assertThat(sessions.opened).hasValue(1);
    assertThat(sessions.closed).hasValue(1);
    assertThatThrownBy(() -> model.load(AttentionForm.DECOMPOSED, TapRequest.NONE))
        .hasMessage("model tiny is closed");
  }

  /**
   * The second thread used to meet a trial that runs, and was told that nothing speaks against it.
   */
  @Test
  void whoAsksDuringATrialOfPaddingWaitsForWhatComesOut() {
    ZooGraph graph =
        ZooGraph.all().stream().filter(g -> g.name().equals("learned-of-past")).findFirst().get();
    CountDownLatch inTrial = new CountDownLatch(1);
    CountDownLatch free = new CountDownLatch(1);
    sessions.onRunning(
        () -> {
          inTrial.countDown();
          Side.await(free);
        });
    DecoderOptions options = DecodeFixtures.cpu(1, folder.resolve("exports"));
    try (DecoderModel model = DecoderModel.open(graph.path(), options, sessions, 2)) {
      Callable<Logits> padded =
          () -> {
            try (Context context = model.start(2, Set.of())) {
              return context.prefill(List.of(new int[] {3, 4, 5}, new int[] {3}), 4);
            }
          };
      Side<Logits> first = Side.start("first", padded);
      Side.await(inTrial);
      Side<Logits> second = Side.start("second", padded);
      second.awaitStandstillIn(PaddingTrial.class);
      free.countDown();
      for (Side<Logits> side : List.of(first, second)) {
        assertThat(side.failure())
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("it counts padding as tokens");
      }
    }
  }

  @Test
  void manyThreadsThatAskWhetherTokensMayGoGetOneAnswerFromOneProbe() {
    ZooGraph graph =
        ZooGraph.all().stream().filter(g -> g.name().equals("unrotated-cache")).findFirst().get();
    DecoderOptions options = DecodeFixtures.cpu(1, folder.resolve("exports"));
    try (DecoderModel model = DecoderModel.open(graph.path(), options, sessions)) {
      List<Callable<String>> calls = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        int positions = 8 + i;
        calls.add(() -> model.evictionRefusal(positions).orElse("nothing"));
      }
      List<String> answers = Side.atOnce(calls);
      assertThat(answers).allMatch(answers.get(0)::equals);
      assertThat(answers.get(0)).contains("keys are rotated behind the cache");
    }
  }

  @Test
  void packedCachesHaveAGraphOfTheirOwnForEachWayAndSignals() throws IOException {
    try (DecoderModel model = open()) {
      PackedForm four = PackedForm.of(4, model.info().headSize());
      PackedForm eight = PackedForm.of(8, model.info().headSize());
      DecoderModel.LoadedGraph first = model.load(four, SUMS);
      assertThat(first.graph().ports().form()).isEqualTo(AttentionForm.PACKED);
      assertThat(first.graph().request()).isEqualTo(SUMS);
      assertThat(model.load(PackedForm.of(4, model.info().headSize()), SUMS)).isSameAs(first);
      assertThat(model.load(eight, SUMS)).isNotSameAs(first);
      assertThat(model.load(four, TapRequest.NONE)).isNotSameAs(first);
      assertThat(model.load(AttentionForm.DECOMPOSED, SUMS)).isNotSameAs(first);
      assertThatThrownBy(() -> model.load(new PackedForm(4, 32, 3), SUMS))
          .hasMessageContaining("groups of 3 channels");
      assertThat(model.load(four, SUMS)).isSameAs(first);
    }
    assertThat(sessions.closed).hasValue(sessions.opened.get());
  }
}
