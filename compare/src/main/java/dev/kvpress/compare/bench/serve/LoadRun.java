package dev.kvpress.compare.bench.serve;

import dev.kvpress.compare.bench.serve.StreamOutcome.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps as many streams open as a plan says: each of its threads asks, reads to the end, and asks
 * again. Every distinct request is asked once alone before; that text is what it must have under
 * load too.
 */
final class LoadRun {
  private static final double GOLDEN = 0.6180339887498949;
  private static final int PAUSE_MILLIS = 500;
  private static final int DRAIN_MINUTES = 10;
  private static final int MOMENTS = 4;

  private final CompletionClient client;
  private final LoadPlan plan;
  private final OptionalLong pid;
  private final LoadTally tally = new LoadTally();
  private final AtomicInteger asked = new AtomicInteger();

  /**
   * A run that {@link #run} begins.
   *
   * @param pid the server's process, where its resident memory is wanted
   */
  LoadRun(CompletionClient client, LoadPlan plan, OptionalLong pid) {
    this.client = client;
    this.plan = plan;
    this.pid = pid;
  }

  /** Asks all alone, then loads, then waits for the last answers. */
  LoadReport run() throws IOException, InterruptedException {
    List<String> alone = alone();
    ServerMemory before = memory();
    List<ServerMemory> during = new ArrayList<>();
    long begun = System.nanoTime();
    ExecutorService clients = Executors.newFixedThreadPool(plan.streams());
    try {
      long end = begun + plan.duration().toNanos();
      for (int i = 0; i < plan.streams(); i++) {
        clients.execute(() -> askUntil(end, alone));
      }
      watch(begun, during);
      clients.shutdown();
      if (!clients.awaitTermination(DRAIN_MINUTES, TimeUnit.MINUTES)) {
        throw new IOException(
            "answers did not end within %d minutes after the load".formatted(DRAIN_MINUTES));
      }
    } finally {
      clients.shutdownNow();
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    return new LoadReport(plan, tally, seconds, before, during, memory());
  }

  private List<String> alone() throws IOException, InterruptedException {
    List<String> texts = new ArrayList<>();
    for (LoadRequest request : plan.requests()) {
      String whole = client.whole(request);
      StreamOutcome streamed = client.streamed(request, false);
      if (streamed.kind() != Kind.DONE || !streamed.text().equals(whole)) {
        throw new IOException(
            "alone, a request had «%s» whole and «%s» streamed (%s)"
                .formatted(whole, streamed.text(), streamed.detail()));
      }
      texts.add(whole);
    }
    return texts;
  }

  private ServerMemory memory() throws IOException, InterruptedException {
    ServerMemory.collectGarbage(pid);
    return ServerMemory.read(client, pid);
  }

  private void watch(long begun, List<ServerMemory> during)
      throws IOException, InterruptedException {
    for (int moment = 1; moment <= MOMENTS; moment++) {
      long until = begun + plan.duration().toNanos() * moment / MOMENTS;
      TimeUnit.NANOSECONDS.sleep(Math.max(0, until - System.nanoTime()));
      during.add(ServerMemory.read(client, pid));
    }
  }

  private void askUntil(long end, List<String> alone) {
    try {
      while (System.nanoTime() < end) {
        int number = asked.getAndIncrement();
        int which = number % alone.size();
        StreamOutcome outcome = client.streamed(plan.requests().get(which), leaves(number));
        tally.add(outcome, alone.get(which));
        if (outcome.kind() == Kind.BUSY || outcome.kind() == Kind.FAILED) {
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Spread evenly over requests and the same in every run. */
  private boolean leaves(int number) {
    return number * GOLDEN % 1 < plan.leaving();
  }
}
