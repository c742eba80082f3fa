package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.AskedRow.Outcome;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A row that fails ends alone, and tells why. */
class BatchFailureTest {
  private static final int CHUNK = 16;

  @TempDir Path folder;

  private DecoderModel tiny() throws IOException {
    return DecoderModel.open(checkpoint(), DecodeFixtures.oneThread(folder.resolve("exports")));
  }

  private Path checkpoint() throws IOException {
    return TinyCheckpoint.llama().write(Files.createDirectories(folder.resolve("model")));
  }

  /** What a press does wrong at its fourth call, the third step. */
  enum Fault {
    THROWS("the press is broken"),
    KEEPS_WHAT_IS_NOT_THERE("the edit keeps slot 400 of row 0, KV head 1"),
    IS_OF_ANOTHER_SIZE("replaced keys and values must be vectors of 8, found 3"),
    GIVES_TOO_FEW_KEYS(null);

    final String message;

    Fault(String message) {
      this.message = message;
    }

    CacheEdit edit(LayerSignals layer) {
      int[] all = java.util.stream.IntStream.range(0, layer.length(0, 0)).toArray();
      return switch (this) {
        case THROWS -> throw new IllegalStateException("the press is broken");
        case KEEPS_WHAT_IS_NOT_THERE ->
            CacheEdit.keep(new KeptSlots(1, 2, new int[][] {all, {0, 400}}));
        case IS_OF_ANOTHER_SIZE ->
            CacheEdit.none()
                .withKeys(
                    HeadVectors.dense(new float[2 * all.length * 3], 1, 2, all.length, 3),
                    OptionalInt.empty());
        case GIVES_TOO_FEW_KEYS ->
            CacheEdit.none()
                .withKeys(HeadVectors.dense(new float[2 * 8], 1, 2, 1, 8), OptionalInt.empty());
      };
    }
  }

  /** Cuts nothing at first and does wrong in the last layer later. */
  private static final class Faulty implements Press {
    private final Fault fault;
    private int calls;

    Faulty(Fault fault) {
      this.fault = fault;
    }

    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      boolean last = layer.layer() == layer.layers() - 1;
      return last && ++calls == 4 ? fault.edit(layer) : CacheEdit.none();
    }

    @Override
    public Set<Phase> phases() {
      return EnumSet.allOf(Phase.class);
    }

    @Override
    public boolean evictsWhileDecoding() {
      return true;
    }
  }

  private static List<AskedRow> neighbours() {
    return new ArrayList<>(
        List.of(
            AskedRow.greedy("knorm", Budget.ratio(0.5), new int[] {3, 1, 4, 1, 5, 9, 2, 6}, 12),
            AskedRow.greedy(
                "h2o(local_window_size=2,decoding=true)",
                Budget.ratio(0.3),
                new int[] {2, 7, 1, 8, 2, 8, 1, 8, 2, 8},
                12),
            AskedRow.greedy("baseline", Budget.FULL, new int[] {1, 6, 1, 8, 0, 3, 3}, 12)));
  }

  /** Runs a request among others, which must not notice. */
  private static Ticket runAmongOthers(DecoderModel model, BatchRequest request) {
    long before = model.pool().liveBytes();
    List<AskedRow> others = neighbours();
    List<Ticket> tickets = new ArrayList<>();
    Ticket ticket;
    try (Batch batch = Batch.over(model, new BatchOptions(4, CHUNK))) {
      tickets.add(batch.submit(others.get(0).request()));
      tickets.add(batch.submit(others.get(1).request()));
      ticket = batch.submit(request);
      tickets.add(batch.submit(others.get(2).request()));
      batch.run();
    }
    for (int r = 0; r < others.size(); r++) {
      assertThat(others.get(r).compare(model, tickets.get(r), CHUNK)).isEqualTo(Outcome.SAME);
    }
    assertThat(model.pool().liveBytes()).isEqualTo(before);
    return ticket;
  }

  @ParameterizedTest
  @EnumSource
  void aPressThatDoesWrong(Fault fault) throws IOException {
    try (DecoderModel model = tiny()) {
      int[] prompt = {9, 8, 7, 6, 5, 4};
      List<Integer> told = new ArrayList<>();
      BatchRequest request = BatchRequest.greedy(prompt, new Faulty(fault), Budget.FULL, 9);
      Ticket ticket = runAmongOthers(model, request.telling(told::add));
      assertThat(told).hasSize(3);
      assertThatThrownBy(ticket::result)
          .isInstanceOf(RuntimeException.class)
          .satisfies(
              e -> {
                if (fault.message != null) {
                  assertThat(e).hasMessageContaining(fault.message);
                }
              });
      assertThat(ticket.future()).isCompletedExceptionally();
    }
  }

  @Test
  void aListenerThatThrows() throws IOException {
    try (DecoderModel model = tiny()) {
      List<Integer> told = new ArrayList<>();
      BatchRequest request =
          neighbours()
              .get(0)
              .request()
              .telling(
                  id -> {
                    told.add(id);
                    if (told.size() == 5) {
                      throw new IllegalStateException("the line is gone");
                    }
                  });
      Ticket ticket = runAmongOthers(model, request);
      assertThatThrownBy(ticket::result).hasMessage("the line is gone");
      assertThat(told).hasSize(5);
    }
  }

  @Test
  void aChoiceOutsideTheVocabulary() throws IOException {
    try (DecoderModel model = tiny()) {
      BatchRequest request =
          neighbours().get(0).request().choosing((logits, row, text) -> logits.vocabulary());
      assertThatThrownBy(runAmongOthers(model, request)::result)
          .hasMessageContaining("the token chosen");
    }
  }

  @Test
  void aPressThatTheModelCannotServe() throws IOException {
    Path graph =
        ExportCache.of(folder.resolve("exports"))
            .export(SharedModels.path("models/stories260K"))
            .fused();
    try (DecoderModel model =
            DecoderModel.open(graph, DecodeFixtures.oneThread(folder.resolve("exports")));
        Batch batch = Batch.over(model, new BatchOptions(2, CHUNK))) {
      AskedRow uneven =
          AskedRow.greedy("adakv(knorm)", Budget.ratio(0.5), DecodeFixtures.storyIds(0, 9), 4);
      AskedRow even = AskedRow.greedy("knorm", Budget.ratio(0.5), uneven.prompt(), 4);
      Ticket refused = batch.submit(uneven.request());
      Ticket served = batch.submit(even.request());
      batch.run();
      assertThatThrownBy(refused::result)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("no cache_bias input");
      assertThat(even.compare(model, served, CHUNK)).isEqualTo(Outcome.SAME);
    }
  }

  @Test
  void promptsThatCouldNeverPassAreRefusedAtOnce() throws IOException {
    try (DecoderModel model = tiny();
        Batch batch = Batch.over(model, new BatchOptions(2, CHUNK))) {
      assertThatThrownBy(() -> batch.submit(request(new int[] {1, 40})))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("token id 40 is outside the vocabulary of 40");
      assertThatThrownBy(() -> batch.submit(request(new int[129])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the prompt has 129 tokens")
          .hasMessageContaining("128 positions");
      assertThatThrownBy(() -> request(new int[0])).hasMessageContaining("at least one token");
      assertThat(batch.step()).isFalse();
    }
  }

  private static BatchRequest request(int[] prompt) {
    return AskedRow.greedy("baseline", Budget.FULL, prompt, 4).request();
  }

  @Test
  void positionsThatRunOutEndARow() throws IOException {
    try (DecoderModel model = tiny();
        Batch batch = Batch.over(model, new BatchOptions(2, 64))) {
      AskedRow row = AskedRow.greedy("knorm", Budget.ratio(0.5), new int[125], 50);
      Ticket ticket = batch.submit(row.request());
      batch.run();
      assertThat(ticket.result().stopReason()).isEqualTo(StopReason.MAX_POSITIONS);
      assertThat(ticket.result().ids().length()).isEqualTo(4);
      row.compare(model, ticket, 64);
    }
  }

  @Test
  void aPassThatFailsEndsItsRowsAndTheBatchGoesOn() throws IOException {
    AtomicBoolean broken = new AtomicBoolean();
    SessionFactory real = new OrtSessionFactory(Provider.CPU, 0, 1);
    SessionFactory failing = mock(SessionFactory.class);
    when(failing.open(any()))
        .thenAnswer(
            call -> {
              StepSession session = real.open(call.getArgument(0));
              StepSession wrapped = mock(StepSession.class);
              doAnswer(
                      pass -> {
                        if (broken.get()) {
                          throw new ModelException("the device is gone");
                        }
                        session.run(pass.getArgument(0), pass.getArgument(1));
                        return null;
                      })
                  .when(wrapped)
                  .run(any(), any());
              return wrapped;
            });
    DecoderOptions options = DecodeFixtures.oneThread(folder.resolve("exports"));
    try (DecoderModel model = DecoderModel.open(checkpoint(), options, failing);
        Batch batch = Batch.over(model, new BatchOptions(4, CHUNK))) {
      List<Ticket> lost = new ArrayList<>();
      neighbours().forEach(row -> lost.add(batch.submit(row.request())));
      batch.step();
      batch.step();
      batch.step();
      broken.set(true);
      batch.step();
      broken.set(false);
      for (Ticket ticket : lost) {
        assertThatThrownBy(ticket::result).hasMessage("the device is gone");
      }
      assertThat(batch.cacheBytes()).isZero();
      AskedRow again = neighbours().get(0);
      Ticket ticket = batch.submit(again.request());
      batch.run();
      assertThat(again.compare(model, ticket, CHUNK)).isEqualTo(Outcome.SAME);
    }
  }

  @Test
  void closingGivesUpWhatIsLeftAndGivesTheMemoryBack() throws IOException {
    try (DecoderModel model = tiny()) {
      long before = model.pool().liveBytes();
      List<Ticket> tickets = new ArrayList<>();
      Batch batch = Batch.over(model, new BatchOptions(2, 4));
      neighbours().forEach(row -> tickets.add(batch.submit(row.request())));
      batch.step();
      batch.step();
      batch.step();
      assertThat(batch.cacheBytes()).isPositive();
      batch.close();
      batch.close();
      assertThat(model.pool().liveBytes()).isEqualTo(before);
      for (Ticket ticket : tickets) {
        assertThatThrownBy(ticket::result).isInstanceOf(CancellationException.class);
      }
      assertThatThrownBy(batch::step).hasMessageContaining("the batch is closed");
      assertThatThrownBy(() -> batch.submit(request(new int[3])))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the batch is closed");
    }
  }

  @Test
  void anErrorOfAListenerEndsItsRowAlone() throws IOException {
    try (DecoderModel model = tiny();
        Batch batch = Batch.over(model, new BatchOptions(4, CHUNK))) {
      long before = model.pool().liveBytes();
      List<Integer> told = new ArrayList<>();
      Ticket failing =
          batch.submit(
              request(new int[3])
                  .telling(
                      id -> {
                        told.add(id);
                        if (told.size() == 3) {
                          throw new StackOverflowError("too deep");
                        }
                      }));
      Ticket running = batch.submit(neighbours().get(0).request());
      Ticket waiting = batch.submit(neighbours().get(1).request());
      batch.run();
      assertThatThrownBy(failing::result)
          .isInstanceOf(RuntimeException.class)
          .hasCauseInstanceOf(StackOverflowError.class);
      assertThat(running.result().ids().isEmpty()).isFalse();
      assertThat(waiting.result().ids().isEmpty()).isFalse();
      assertThat(batch.cacheBytes()).isZero();
      assertThat(model.pool().liveBytes()).isEqualTo(before);
    }
  }

  @Test
  void aListenerCannotDriveTheBatch() throws IOException {
    try (DecoderModel model = tiny();
        Batch batch = Batch.over(model, new BatchOptions(2, 4))) {
      Ticket stepping = batch.submit(request(new int[3]).telling(id -> batch.step()));
      Ticket closing = batch.submit(request(new int[3]).telling(id -> batch.close()));
      batch.run();
      for (Ticket ticket : List.of(stepping, closing)) {
        assertThatThrownBy(ticket::result)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("the batch is being driven");
      }
    }
  }
}
