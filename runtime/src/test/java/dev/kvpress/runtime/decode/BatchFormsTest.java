package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.decode.AskedRow.Outcome;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.ort.HostTensor;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which rows share a pass, and through which graph. */
class BatchFormsTest {
  @TempDir static Path cache;

  /** What one pass was given: rows, and their lengths where it wrote in place. */
  private record Seen(int rows, int queries, List<Integer> lengths) {}

  private final List<Seen> passes = new ArrayList<>();

  private DecoderModel open() {
    SessionFactory real = new OrtSessionFactory(Provider.CPU, 0, 1);
    SessionFactory watched = mock(SessionFactory.class);
    when(watched.open(any()))
        .thenAnswer(
            call -> {
              StepSession session = real.open(call.getArgument(0));
              StepSession wrapped = mock(StepSession.class);
              doAnswer(
                      pass -> {
                        passes.add(seen(pass.getArgument(0)));
                        session.run(pass.getArgument(0), pass.getArgument(1));
                        return null;
                      })
                  .when(wrapped)
                  .run(any(), any());
              return wrapped;
            });
    Path model = SharedModels.path("models/stories260K");
    return DecoderModel.open(model, DecodeFixtures.oneThread(cache), watched);
  }

  private static Seen seen(Map<String, HostTensor> inputs) {
    long[] shape = inputs.get("input_ids").shape();
    HostTensor lengths = inputs.get("cache_length.0");
    List<Integer> values =
        lengths == null
            ? List.of()
            : IntStream.range(0, (int) lengths.shape()[0])
                .mapToObj(b -> lengths.data().getInt(4 * b))
                .toList();
    return new Seen((int) shape[0], (int) shape[1], values);
  }

  @Test
  void rowsOfDifferentLengthShareAPassInPlaceAndUnevenOnesAnother() {
    List<AskedRow> asked =
        List.of(
            row("knorm", 0, 40),
            row("baseline", 3, 20),
            row("adakv(knorm)", 5, 50),
            row("snapkv(window_size=4)", 9, 60),
            row("dms(h2o(local_window_size=4),sliding_window_size=4,decoding=true)", 2, 30));
    try (DecoderModel model = open();
        Batch batch = Batch.over(model, new BatchOptions(5, 64))) {
      List<Ticket> tickets = asked.stream().map(row -> batch.submit(row.request())).toList();
      for (int step = 0; step < 5; step++) {
        batch.step();
      }
      passes.clear();
      batch.step();
      int heads = model.info().kvHeads();
      assertThat(passes)
          .filteredOn(pass -> pass.lengths().size() != heads)
          .containsExactlyInAnyOrder(
              // 20 + 5, 20 + 4 and 30 + 2 tokens, of which the newest is being passed.
              new Seen(3, 1, List.of(25, 24, 32)), new Seen(1, 1, List.of()));
      // Heads as rows: half of 50 tokens each in the mean, and those since.
      assertThat(passes)
          .filteredOn(pass -> pass.lengths().size() == heads)
          .singleElement()
          .satisfies(pass -> assertThat(pass.rows()).isOne())
          .satisfies(pass -> assertThat(new HashSet<>(pass.lengths())).hasSizeGreaterThan(1));
      batch.run();
      for (int r = 0; r < asked.size(); r++) {
        assertThat(asked.get(r).compare(model, tickets.get(r), 64)).isEqualTo(Outcome.SAME);
      }
    }
  }

  private static AskedRow row(String spec, int from, int length) {
    Budget budget = spec.equals("baseline") ? Budget.FULL : Budget.ratio(0.5);
    return AskedRow.greedy(spec, budget, DecodeFixtures.storyIds(from, from + length), 12);
  }
}
