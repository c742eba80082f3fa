package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.AskedRow.Outcome;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.ort.HostTensor;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch keeps within the bytes it was given, and says so where it cannot. */
class BatchMemoryTest {
  private static final int CHUNK = 32;

  @TempDir static Path cache;

  /** Bytes of one token of stories260K over 5 layers with 4 KV heads of 8, keys and values. */
  private static final int TOKEN = 2 * 5 * 4 * 8 * Float.BYTES;

  private final AtomicLong inPasses = new AtomicLong();
  private long mostRows;

  /** Sessions that note the bytes of past and present of each pass, and its rows. */
  private SessionFactory watched() {
    SessionFactory real = new OrtSessionFactory(Provider.CPU, 0, 1);
    SessionFactory watched = mock(SessionFactory.class);
    when(watched.open(any()))
        .thenAnswer(
            call -> {
              StepSession session = real.open(call.getArgument(0));
              StepSession wrapped = mock(StepSession.class);
              doAnswer(
                      pass -> {
                        note(pass.getArgument(0), pass.getArgument(1));
                        session.run(pass.getArgument(0), pass.getArgument(1));
                        return null;
                      })
                  .when(wrapped)
                  .run(any(), any());
              return wrapped;
            });
    return watched;
  }

  private void note(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs) {
    Set<HostTensor> caches = Collections.newSetFromMap(new IdentityHashMap<>());
    inputs.forEach((name, tensor) -> addCache(caches, name, tensor));
    outputs.forEach((name, tensor) -> addCache(caches, name, tensor));
    inPasses.accumulateAndGet(
        caches.stream().mapToLong(tensor -> tensor.data().capacity()).sum(), Math::max);
    mostRows = Math.max(mostRows, inputs.get("input_ids").shape()[0]);
  }

  private static void addCache(Set<HostTensor> caches, String name, HostTensor tensor) {
    if (name.startsWith("past_key_values") || name.startsWith("present")) {
      caches.add(tensor);
    }
  }

  private DecoderModel open() {
    return DecoderModel.open(
        SharedModels.path("models/stories260K"), DecodeFixtures.oneThread(cache), watched());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void neverTakesMoreThanItWasGiven(long seed) {
    Random random = new Random(seed);
    List<String> presses =
        List.of(
            "baseline",
            "knorm",
            "adakv(knorm)",
            "h2o(local_window_size=8,decoding=true)",
            "pyramidkv(window_size=8)");
    long limit = 700L * TOKEN;
    try (DecoderModel model = open()) {
      List<AskedRow> asked = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        int from = random.nextInt(100);
        asked.add(
            AskedRow.greedy(
                presses.get(random.nextInt(presses.size())),
                Budget.ratio(0.7 * random.nextDouble()),
                DecodeFixtures.storyIds(from, from + 9 + random.nextInt(90)),
                1 + random.nextInt(40)));
      }
      List<Ticket> tickets = new ArrayList<>();
      BatchOptions options = new BatchOptions(8, CHUNK).withCacheBytes(limit);
      try (Batch batch = Batch.over(model, options)) {
        asked.forEach(row -> tickets.add(batch.submit(row.request())));
        inPasses.set(0);
        while (batch.step()) {
          assertThat(batch.cacheBytes()).isLessThanOrEqualTo(limit);
        }
      }
      assertThat(inPasses.get()).isBetween(limit / 8, limit);
      assertThat(mostRows).isGreaterThan(2);
      // Signals, logits and the rounding of buffers come on top, but nothing of the caches.
      assertThat(model.pool().peakBytes()).isLessThan(2 * limit);
      for (int r = 0; r < asked.size(); r++) {
        assertThat(asked.get(r).compare(model, tickets.get(r), CHUNK))
            .isNotEqualTo(Outcome.FAILS_ALIKE);
      }
    }
  }

  @Test
  void rowsWaitUntilThereIsRoom() {
    try (DecoderModel model = open();
        Batch batch = Batch.over(model, new BatchOptions(4, 64).withCacheBytes(160L * TOKEN))) {
      List<Ticket> tickets = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int[] prompt = DecodeFixtures.storyIds(i, i + 50);
        tickets.add(batch.submit(AskedRow.greedy("baseline", Budget.FULL, prompt, 10).request()));
      }
      batch.step();
      assertThat(batch.waiting()).isEqualTo(2);
      // 59 tokens in a slab and one layer of five again, beside 2 × 50 of the next prompt.
      batch.step();
      assertThat(batch.waiting()).isEqualTo(2);
      batch.run();
      tickets.forEach(ticket -> assertThat(ticket.result().ids().length()).isEqualTo(10));
    }
  }

  @Test
  void aPromptThatCouldNeverBeReadIsRefusedAtOnce() {
    try (DecoderModel model = open();
        Batch batch = Batch.over(model, new BatchOptions(4, 64).withCacheBytes(199L * TOKEN))) {
      int[] prompt = DecodeFixtures.storyIds(0, 100);
      assertThatThrownBy(
              () -> batch.submit(AskedRow.greedy("knorm", Budget.FULL, prompt, 1).request()))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "a prompt of 100 tokens takes %d bytes of keys and values while it is read, but the batch has %d; shorten it or raise the limit",
              200 * TOKEN, 199 * TOKEN);
    }
  }

  @Test
  void aRowThatCouldNeverGrowAsAskedIsRefusedWithTheFigures() {
    try (DecoderModel model = open();
        Batch batch = Batch.over(model, new BatchOptions(4, 64).withCacheBytes(200L * TOKEN))) {
      int[] prompt = DecodeFixtures.storyIds(0, 40);
      Ticket small =
          batch.submit(AskedRow.greedy("knorm", Budget.ratio(0.5), prompt, 20).request());
      Ticket large =
          batch.submit(AskedRow.greedy("knorm", Budget.ratio(0.5), prompt, 201).request());
      batch.run();
      assertThat(small.result().ids().length()).isEqualTo(20);
      // 20 kept and 200 to come, a layer of five twice, beside the 20 where they were cut.
      assertThatThrownBy(large::result)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("kept 400 of 800 tokens, over layers and KV heads, and 200 more")
          .hasMessageContaining("takes %d bytes".formatted((220 + 44 + 20) * TOKEN))
          .hasMessageContaining("the batch has %d".formatted(200 * TOKEN));
    }
  }

  @Test
  void memoryOfRowsThatHaveEndedIsUsedAgain() {
    try (DecoderModel model = open();
        Batch batch = Batch.over(model, new BatchOptions(4, 64))) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 6; i++) {
          int[] prompt = DecodeFixtures.storyIds(i, i + 50);
          batch.submit(AskedRow.greedy("knorm", Budget.ratio(0.5), prompt, 5 + i).request());
        }
        batch.run();
        assertThat(batch.cacheBytes()).isZero();
        assertThat(model.pool().liveBytes()).isZero();
      }
    }
  }
}
