package dev.kvpress.compare.bench.serve;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends hostile requests from several connections at once, and right ones in between. */
final class HostileRun {
  private static final int CONNECTIONS = 8;
  private static final int BETWEEN = 100;
  private static final int LIMIT_MINUTES = 30;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final URI server;
  private final CompletionClient client;
  private final LoadRequest right;
  private final Map<String, Integer> answers = new ConcurrentHashMap<>();
  private final Map<String, Integer> faults = new ConcurrentHashMap<>();
  private final Map<String, String> examples = new ConcurrentHashMap<>();
  private final Map<String, Integer> lost = new ConcurrentHashMap<>();

  /**
   * A run that {@link #run} begins.
   *
   * @param right a request that must have the same answer all along
   */
  HostileRun(URI server, CompletionClient client, LoadRequest right) {
    this.server = server;
    this.client = client;
    this.right = right;
  }

  /** Sends that many. */
  HostileReport run(int count, long seed) throws IOException, InterruptedException {
    String expected = client.whole(right);
    InetSocketAddress address = Loopback.of(server);
    RawExchange exchange = new RawExchange(address, PATIENCE);
    ExecutorService connections = Executors.newFixedThreadPool(CONNECTIONS);
    AtomicInteger sent = new AtomicInteger();
    try {
      for (int i = 0; i < count; i++) {
        int number = i;
        connections.execute(
            () -> {
              // Made when its turn comes: many of them are large.
              send(exchange, HostileRequests.numbered(number, seed, right.model()));
              if (sent.incrementAndGet() % BETWEEN == 0) {
                askRight(expected);
              }
            });
      }
      connections.shutdown();
      if (!connections.awaitTermination(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IOException(
            "%d of %d hostile requests were done within %d minutes"
                .formatted(sent.get(), count, LIMIT_MINUTES));
      }
    } finally {
      connections.shutdownNow();
    }
    askRight(expected);
    return new HostileReport(count, answers, faults, examples, lost);
  }

  private void send(RawExchange exchange, HostileRequest request) {
    try {
      RawAnswer answer = exchange.send(request);
      answers.merge(answer.label(), 1, Integer::sum);
      answer.fault().ifPresent(fault -> wrong(request, fault, answer));
    } catch (IOException e) {
      wrong(request, String.valueOf(e.getMessage()), new RawAnswer("", true));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wrong(HostileRequest request, String fault, RawAnswer answer) {
    String what = request.kind() + ": " + fault;
    faults.merge(what, 1, Integer::sum);
    examples.putIfAbsent(what, request.shown() + " → " + answer.shown());
  }

  private void askRight(String expected) {
    try {
      String found = client.whole(right);
      if (!found.equals(expected)) {
        lost.merge("expected «%s», found «%s»".formatted(expected, found), 1, Integer::sum);
      }
    } catch (IOException e) {
      lost.merge(String.valueOf(e.getMessage()), 1, Integer::sum);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
