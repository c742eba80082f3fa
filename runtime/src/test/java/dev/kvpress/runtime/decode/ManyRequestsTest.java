package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Press;
import dev.kvpress.runtime.decode.TestRequest.Answer;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Memory after many requests is that after few: what the pool holds, direct buffers of the JVM, and
 * pages of the process that are not the JVM's heap.
 */
class ManyRequestsTest {
  /** Tag of checks that take minutes; {@code mvn -Pstress} runs them and nothing else. */
  static final String STRESS = "stress";

  private static final long MIB = 1L << 20;
  private static final int THREADS = 32;
  private static final int PAGE = 4096;
  private static final int PATIENCE_SECONDS = 1200;

  /** Requests that differ; each is answered again and again. */
  private static final int KINDS = 48;

  @TempDir Path folder;

  private record Memory(long directBytes, long directBuffers, long otherPages) {
    static Memory now() throws IOException, InterruptedException {
      // Direct memory is given back by the collector, some time after it has run.
      for (int i = 0; i < 3; i++) {
        System.gc();
        Thread.sleep(50);
      }
      BufferPoolMXBean direct =
          ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
              .filter(bean -> bean.getName().equals("direct"))
              .findFirst()
              .orElseThrow();
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
      return new Memory(direct.getMemoryUsed(), direct.getCount(), residentBytes() - heap);
    }

    private static long residentBytes() throws IOException {
      Path statistics = Path.of("/proc/self/statm");
      return Files.exists(statistics)
          ? Long.parseLong(Files.readString(statistics).split(" ")[1]) * PAGE
          : 0;
    }
  }

  @Test
  @Timeout(60)
  void memoryDoesNotGrowOverHundredsOfRequests() throws Exception {
    // Pages of the heap that are touched for the first time are among them here.
    check(100, 300, 64 * MIB);
  }

  @Test
  @Tag(STRESS)
  @Timeout(PATIENCE_SECONDS)
  void memoryDoesNotGrowOverTenThousandRequests() throws Exception {
    check(3000, 10_000, 32 * MIB);
  }

  private void check(int warmUp, int requests, long mostOtherPages) throws Exception {
    Path checkpoint = Files.createDirectories(folder.resolve("tiny"));
    TinyCheckpoint.llama().write(checkpoint);
    DecoderOptions options = DecodeFixtures.cpu(2, folder.resolve("exports"));
    try (DecoderModel model =
        DecoderModel.open(checkpoint, options, new OrtSessionFactory(Provider.CPU, 0, 2), 2)) {
      Map<Integer, Answer> answers = new ConcurrentHashMap<>();
      serve(model, warmUp, answers);
      Memory before = Memory.now();
      long peak = model.pool().peakBytes();
      serve(model, requests, answers);
      Memory after = Memory.now();
      System.getLogger(ManyRequestsTest.class.getName())
          .log(
              System.Logger.Level.INFO,
              "after {0} requests: {1}, after {2} more: {3}, pool {4} bytes idle",
              warmUp,
              before,
              requests,
              after,
              model.pool().idleBytes());
      assertThat(model.pool().liveBytes()).isZero();
      assertThat(model.pool().peakBytes()).isLessThan(Math.max(2 * peak, 16 * MIB));
      assertThat(model.pool().idleBytes())
          .isLessThanOrEqualTo(Math.max(model.pool().peakBytes(), 16 * MIB));
      assertThat(after.directBytes() - before.directBytes()).isLessThan(16 * MIB);
      // Buffers of 4 KiB, the smallest there are, in the 16 MiB that the pool may keep.
      assertThat(after.directBuffers() - before.directBuffers()).isLessThan(16 * MIB / PAGE);
      assertThat(after.otherPages() - before.otherPages()).isLessThan(mostOtherPages);
    }
  }

  /** Answers requests on many threads; some fail and some are closed by somebody else. */
  private static void serve(DecoderModel model, int requests, Map<Integer, Answer> answers) {
    List<TestRequest> kinds =
        TestRequest.ofAllKinds(KINDS, 12, 60, 3).stream()
            .filter(r -> r.made().needs().stream().allMatch(s -> model.refusal(s).isEmpty()))
            .toList();
    assertThat(kinds).hasSizeGreaterThan(KINDS / 2);
    AtomicInteger next = new AtomicInteger();
    List<Callable<Integer>> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      threads.add(
          () -> {
            int served = 0;
            for (int i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
              int kind = i % kinds.size();
              Answer answer = kinds.get(kind).run(model);
              Answer known = answers.putIfAbsent(kind, answer);
              assertThat(answer).isEqualTo(known == null ? answer : known);
              if (i % 11 == 0) {
                fail(model, kinds.get(kind));
              }
              if (i % 13 == 0) {
                closeAmidst(model, kinds.get(kind));
              }
              served++;
            }
            return served;
          });
    }
    assertThat(Side.atOnce(PATIENCE_SECONDS, threads).stream().mapToInt(i -> i).sum())
        .isEqualTo(requests);
  }

  private static void fail(DecoderModel model, TestRequest request) {
    Press broken =
        (layer, budget) -> {
          throw new IllegalArgumentException("broken");
        };
    try (Context context = model.start(1, Set.of())) {
      context.prefill(request.prompt(model), 8);
      assertThatThrownBy(() -> context.compress(broken, Budget.ratio(0.5))).hasMessage("broken");
      assertThatThrownBy(() -> context.forward(-1)).hasMessageContaining("outside the vocabulary");
      context.compress((Press) (layer, budget) -> CacheEdit.none(), Budget.FULL);
    }
  }

  private static void closeAmidst(DecoderModel model, TestRequest request)
      throws InterruptedException {
    Context context = model.start(1, Set.of());
    Thread closer = new Thread(context::close);
    closer.start();
    assertThatThrownBy(
            () -> {
              context.prefill(request.prompt(model), 4);
              while (true) {
                context.forward(3);
              }
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    closer.join();
  }
}
