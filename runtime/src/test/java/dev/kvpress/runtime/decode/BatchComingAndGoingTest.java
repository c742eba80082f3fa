package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.decode.AskedRow.Outcome;
import dev.kvpress.runtime.export.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that come, end and are given up at any time leave the others as they are. */
class BatchComingAndGoingTest {
  private static final int CHUNK = 8;
  private static final List<String> PRESSES =
      List.of(
          "baseline",
          "knorm",
          "snapkv(window_size=4)",
          "pyramidkv(window_size=4)",
          "adakv(snapkv(window_size=4))",
          "h2o(local_window_size=3,decoding=true)",
          "dms(knorm,threshold=-3,sliding_window_size=4,decoding=true)",
          "decoding(streaming_llm(n_sink=2),compression_interval=3,target_size=9)",
          "key_rerotation(knorm)",
          "think(key_channel_compression_ratio=0.25,window_size=4)");

  @TempDir Path folder;

  private DecoderModel tiny(int window) throws IOException {
    TinyCheckpoint checkpoint =
        window == 0
            ? TinyCheckpoint.llama()
            : TinyCheckpoint.of("MistralForCausalLM", 2, true)
                .config("sliding_window", Integer.toString(window));
    Path path = checkpoint.write(Files.createDirectories(folder.resolve("model")));
    return DecoderModel.open(path, DecodeFixtures.oneThread(folder.resolve("exports")));
  }

  private static AskedRow random(Random random, DecoderModel model) {
    List<String> presses =
        PRESSES.stream()
            .filter(spec -> model.moveRefusal().isEmpty() || !spec.startsWith("key_rerotation"))
            .toList();
    int[] prompt = random.ints(1 + random.nextInt(40), 0, model.info().vocabulary()).toArray();
    return AskedRow.greedy(
        presses.get(random.nextInt(presses.size())),
        Budget.ratio(0.1 + 0.7 * random.nextDouble()),
        prompt,
        1 + random.nextInt(25));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyAnswerIsThatOfTheRowAlone(long seed) throws IOException {
    Random random = new Random(seed);
    try (DecoderModel model = tiny(seed % 2 == 0 ? 13 : 0)) {
      long before = model.pool().liveBytes();
      List<AskedRow> asked = new ArrayList<>();
      List<Ticket> tickets = new ArrayList<>();
      try (Batch batch = Batch.over(model, new BatchOptions(1 + random.nextInt(6), CHUNK))) {
        boolean more = true;
        while (more || asked.size() < 30) {
          if (asked.size() < 30 && random.nextInt(3) == 0) {
            AskedRow row = random(random, model);
            asked.add(row);
            tickets.add(batch.submit(row.request()));
          }
          if (!tickets.isEmpty() && random.nextInt(12) == 0) {
            tickets.get(random.nextInt(tickets.size())).cancel();
          }
          more = batch.step();
        }
        assertThat(batch.cacheBytes()).isZero();
      }
      assertThat(model.pool().liveBytes()).isEqualTo(before);
      int compared = 0;
      Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
      for (int r = 0; r < asked.size(); r++) {
        assertThat(tickets.get(r).isDone()).isTrue();
        if (!tickets.get(r).isCancelled()) {
          outcomes.add(asked.get(r).compare(model, tickets.get(r), CHUNK));
          compared++;
        }
      }
      assertThat(compared).isGreaterThan(10);
      assertThat(outcomes).as("seed %s", seed).contains(Outcome.SAME);
    }
  }

  @Test
  void requestsAreTakenInTheOrderInWhichTheyCame() throws IOException {
    try (DecoderModel model = tiny(0);
        Batch batch = Batch.over(model, new BatchOptions(2, 4))) {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        int row = i;
        int[] prompt = new int[i == 1 ? 40 : 3];
        BatchRequest request = AskedRow.greedy("baseline", Budget.FULL, prompt, 3).request();
        batch.submit(
            request.telling(
                id -> {
                  if (!order.contains(row)) {
                    order.add(row);
                  }
                }));
      }
      assertThat(batch.waiting()).isEqualTo(5);
      batch.run();
      assertThat(order).containsExactly(0, 1, 2, 3, 4);
    }
  }

  /** A row gets a token in every step in which the prompt of another is read. */
  @Test
  void nobodyWaitsForALongPrompt() throws IOException {
    try (DecoderModel model = tiny(0);
        Batch batch = Batch.over(model, new BatchOptions(2, 4))) {
      List<String> events = new ArrayList<>();
      BatchRequest quick = AskedRow.greedy("knorm", Budget.ratio(0.5), new int[4], 12).request();
      BatchRequest slow = AskedRow.greedy("knorm", Budget.ratio(0.5), new int[32], 2).request();
      batch.submit(quick.telling(id -> events.add("quick")));
      batch.step();
      batch.submit(slow.telling(id -> events.add("slow")));
      events.clear();
      for (int step = 0; step < 7; step++) {
        batch.step();
        assertThat(events).hasSize(step + 1).containsOnly("quick");
      }
      batch.step();
      // Its first token comes of its prompt, the second of a pass together.
      assertThat(events).hasSize(10).contains("slow");
    }
  }

  @Test
  void requestsComeAndAreGivenUpFromOtherThreads() throws Exception {
    try (DecoderModel model = tiny(0)) {
      ConcurrentLinkedQueue<Ticket> tickets = new ConcurrentLinkedQueue<>();
      ConcurrentLinkedQueue<AskedRow> asked = new ConcurrentLinkedQueue<>();
      try (Batch batch = Batch.over(model, new BatchOptions(4, CHUNK))) {
        List<Future<?>> askers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        for (int t = 0; t < 3; t++) {
          Random random = new Random(t);
          askers.add(
              threads.submit(
                  () -> {
                    for (int i = 0; i < 8; i++) {
                      AskedRow row = random(random, model);
                      synchronized (tickets) {
                        asked.add(row);
                        tickets.add(batch.submit(row.request()));
                      }
                      tickets.peek().cancel();
                    }
                  }));
        }
        threads.shutdown();
        while (batch.step() || !threads.isTerminated()) {
          Thread.onSpinWait();
        }
        for (Future<?> asker : askers) {
          asker.get();
        }
        batch.run();
      }
      List<AskedRow> rows = List.copyOf(asked);
      List<Ticket> all = List.copyOf(tickets);
      assertThat(all.stream().map(Ticket::id).distinct()).hasSize(24);
      for (int r = 0; r < all.size(); r++) {
        if (!all.get(r).isCancelled()) {
          rows.get(r).compare(model, all.get(r), CHUNK);
        }
      }
    }
  }

  @Test
  void whatIsGivenUpHasNoResult() throws IOException {
    try (DecoderModel model = tiny(0);
        Batch batch = Batch.over(model, new BatchOptions(1, CHUNK))) {
      Ticket running =
          batch.submit(AskedRow.greedy("knorm", Budget.FULL, new int[4], 50).request());
      Ticket waiting = batch.submit(AskedRow.greedy("knorm", Budget.FULL, new int[4], 5).request());
      batch.step();
      assertThat(running.isDone()).isFalse();
      assertThatThrownBy(running::result)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("request 0 has no result yet");
      running.cancel();
      waiting.cancel();
      assertThat(batch.step()).isFalse();
      assertThat(batch.cacheBytes()).isZero();
      assertThatThrownBy(running::result).isInstanceOf(CancellationException.class);
      assertThatThrownBy(waiting::result).isInstanceOf(CancellationException.class);
    }
  }
}
