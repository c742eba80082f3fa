package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Batches beside contexts of others, and contexts that join a batch with their prompt passed. */
@Timeout(60)
class BatchBesideOthersTest {
  private static final int CHUNK = 16;
  private static final int TOKENS = 12;

  @TempDir static Path cache;

  private DecoderModel model;

  @BeforeEach
  void open() {
    model = DecodeFixtures.open("stories260K", cache);
  }

  @AfterEach
  void close() {
    // There is none where the model's files are absent.
    if (model != null) {
      assertThat(model.pool().liveBytes()).as("bytes that nobody has given back").isZero();
      model.close();
    }
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  private ImmutableIntArray alone(int[] prompt, ModelPress press) {
    return TokenGenerator.generate(
            model,
            prompt,
            new TokenRequest(TOKENS, CHUNK, press, Budget.ratio(0.5)),
            id -> false,
            id -> {})
        .ids();
  }

  /** One compressed context answers several requests; each goes on as a fork of it does alone. */
  @Test
  void contextsWhosePromptsHavePassedJoin() {
    for (String spec : List.of("knorm", "adakv(knorm)", "h2o(heavy_ratio=0.2,recent_ratio=0.2)")) {
      ModelPress press = press(spec);
      int[] prompt = storyIds(0, 60);
      BatchRequest request = BatchRequest.greedy(prompt, press, Budget.ratio(0.5), TOKENS);
      try (Context context = model.start(1, press.needs()).allowFused(0);
          Batch batch = Batch.over(model, new BatchOptions(3, CHUNK))) {
        Logits last = context.prefill(prompt, CHUNK);
        context.compress(press, Budget.ratio(0.5));
        List<Ticket> rows = new ArrayList<>();
        for (int r = 0; r < 3; r++) {
          rows.add(batch.join(request, context.fork(), last));
        }
        Ticket read = batch.submit(request);
        batch.step();
        assertThat(batch.waiting()).as("all three rows run from the first step on").isOne();
        batch.run();
        for (Ticket row : rows) {
          assertThat(row.result().ids()).isEqualTo(alone(prompt, press));
        }
        assertThat(read.result().ids()).isEqualTo(rows.get(0).result().ids());
        assertThat(context.tokensSeen()).isEqualTo(prompt.length);
      }
    }
  }

  @Test
  void aContextThatHasJoinedIsClosedWhateverBecomesOfIt() {
    ModelPress press = press("knorm");
    int[] prompt = storyIds(0, 30);
    BatchRequest request = BatchRequest.greedy(prompt, press, Budget.ratio(0.5), TOKENS);
    try (Batch batch = Batch.over(model, new BatchOptions(1, CHUNK));
        Context context = model.start(1, press.needs())) {
      Logits last = context.prefill(prompt, CHUNK);
      Ticket runs = batch.join(request, context.fork(), last);
      Ticket givenUp = batch.join(request, context.fork(), last);
      Ticket waits = batch.join(request, context.fork(), last);
      batch.step();
      givenUp.cancel();
      batch.step();
      assertThat(runs.isDone()).isFalse();
      batch.close();
      assertThat(waits.isCancelled()).isTrue();
      assertThatThrownBy(() -> batch.join(request, context, last))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the batch is closed");
      try (Context two = model.start(2, press.needs())) {
        assertThatThrownBy(() -> batch.join(request, two, last))
            .hasMessageContaining("expected a context of one row");
      }
    }
  }

  @Test
  void othersUseTheModelMeanwhile() throws InterruptedException {
    ModelPress press = press("snapkv(window_size=8)");
    ImmutableIntArray expected = alone(storyIds(5, 55), press);
    AtomicInteger wrong = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    List<Thread> others = new ArrayList<>();
    try (Batch batch = Batch.over(model, new BatchOptions(4, CHUNK))) {
      for (int t = 0; t < 3; t++) {
        Thread other =
            new Thread(
                () -> {
                  for (int i = 0; i < 8; i++) {
                    wrong.addAndGet(alone(storyIds(5, 55), press).equals(expected) ? 0 : 1);
                    answered.incrementAndGet();
                  }
                });
        other.start();
        others.add(other);
      }
      List<Ticket> rows = new ArrayList<>();
      for (int r = 0; r < 12; r++) {
        rows.add(
            batch.submit(BatchRequest.greedy(storyIds(5, 55), press, Budget.ratio(0.5), TOKENS)));
      }
      batch.run();
      for (Ticket row : rows) {
        assertThat(row.result().ids()).isEqualTo(expected);
      }
      for (Thread other : others) {
        other.join();
      }
    }
    assertThat(answered).hasValue(24);
    assertThat(wrong).hasValue(0);
  }
}
