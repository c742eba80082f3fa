package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.ort.Provider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PressWorkersTest {
  @TempDir Path cache;

  private DecoderModel open(int threads) {
    return DecoderModel.open(
        SharedModels.path("models/stories260K"),
        new DecoderOptions(Provider.CPU, 0, threads, cache));
  }

  @Test
  void layersAreCutOnAsManyThreadsAsOperatorsHave() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    CountDownLatch threeAtOnce = new CountDownLatch(3);
    Press press =
        (layer, budget) -> {
          assertThat(layer.workers().threads()).isEqualTo(3);
          threads.add(Thread.currentThread());
          threeAtOnce.countDown();
          await(threeAtOnce);
          return CacheEdit.none();
        };
    try (DecoderModel model = open(3);
        Context context = model.start(1, press.needs())) {
      context.prefill(storyIds(0, 20), 16);
      context.compress(press, Budget.ratio(0.5));
    }
    assertThat(threads).hasSize(3).contains(Thread.currentThread());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).as("three layers at the same time").isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theSameTokensStayForAnyNumberOfThreads() {
    Press press = (Press) PressCatalog.load().make("expected_attention").press();
    List<List<List<Integer>>> kept = new ArrayList<>();
    for (int threads : new int[] {1, 2, 8}) {
      try (DecoderModel model = open(threads);
          Context context = model.start(1, press.needs())) {
        context.prefill(storyIds(0, 100), 32);
        context.compress(press, Budget.ratio(0.5));
        kept.add(DecodeFixtures.positions(context, model, 1));
      }
    }
    assertThat(kept).allMatch(kept.get(0)::equals);
    assertThat(kept.get(0)).isNotEmpty();
  }
}
