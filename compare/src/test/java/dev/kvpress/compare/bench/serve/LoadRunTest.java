package dev.kvpress.compare.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.bench.Check;
import dev.kvpress.compare.bench.serve.StreamOutcome.Kind;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class LoadRunTest {
  private static final int PROMPTS = 3;
  private static final int STREAMS = 8;

  @Test
  void allAnswersOfASoundServerAreCountedAndRight() throws Exception {
    LoadReport report = load(events -> events, 0, 0);
    assertThat(report.tally().count(Kind.DONE)).isGreaterThanOrEqualTo(STREAMS);
    assertThat(report.tally().count(Kind.FAILED)).isZero();
    assertThat(report.tally().wrongAnswers()).isZero();
    assertThat(report.tally().firstMillis(50)).isPositive();
    assertThat(report.tally().firstMillis(99))
        .isGreaterThanOrEqualTo(report.tally().firstMillis(50));
    assertThat(report.before().heapBytes()).hasValue(3e6);
    assertThat(report.checks()).allMatch(Check::isMet);
    assertThat(report.table()).contains("heap 3 of", "12 threads");
  }

  @Test
  void anAnswerUnlikeTheOneAloneIsWrong() throws Exception {
    AtomicInteger streams = new AtomicInteger();
    UnaryOperator<List<String>> swapped =
        events -> {
          // The first streams are those that are asked alone.
          if (streams.incrementAndGet() <= PROMPTS) {
            return events;
          }
          List<String> changed = new ArrayList<>(events);
          changed.set(0, events.get(1));
          changed.set(1, events.get(0));
          return changed;
        };
    LoadReport report = load(swapped, 0, 0);
    assertThat(report.tally().wrongAnswers()).isEqualTo(report.tally().count(Kind.DONE));
    assertThat(report.checks()).anyMatch(check -> !check.isMet());
  }

  @Test
  void refusalsForLoadAreNoFailures() throws Exception {
    LoadReport report = load(events -> events, 7, 0);
    assertThat(report.tally().count(Kind.BUSY)).isPositive();
    assertThat(report.tally().count(Kind.FAILED)).isZero();
    assertThat(report.checks()).allMatch(Check::isMet);
  }

  @Test
  void aStreamWithoutAnEndFails() throws Exception {
    assertThat(failures(events -> events.subList(0, 1))).containsKey("the stream broke off");
  }

  @Test
  void aStreamWithoutAReasonFails() throws Exception {
    assertThat(failures(events -> List.of(events.get(0), "[DONE]")))
        .containsKey("the stream ended without a finish_reason");
  }

  @Test
  void anErrorWithinAStreamFails() throws Exception {
    assertThat(failures(events -> List.of("{\"error\":{\"message\":\"out of luck\"}}")))
        .containsKey("within the stream: out of luck");
  }

  @Test
  void clientsThatLeaveHaveTheBeginningOfTheAnswer() throws Exception {
    LoadReport report = load(events -> events, 0, 0.5);
    int left = report.tally().count(Kind.LEFT);
    int done = report.tally().count(Kind.DONE);
    assertThat((double) left / (left + done)).isBetween(0.35, 0.65);
    assertThat(report.tally().wrongAnswers()).isZero();
  }

  @Test
  void aServerThatStreamsAnotherTextThanItGivesWholeIsRefusedAtOnce() {
    assertThatThrownBy(() -> load(events -> events.subList(1, events.size()), 0, 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("alone, a request had");
  }

  @Test
  void serversOfOtherMachinesAreNotLoaded() {
    assertThatThrownBy(
            () -> ServerUnderTest.found(URI.create("http://192.0.2.1:8080"), OptionalLong.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("loopback");
    assertThatThrownBy(() -> Loopback.of(URI.create("https://127.0.0.1:8080")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("http://127.0.0.1:8080");
  }

  private static Map<String, Integer> failures(UnaryOperator<List<String>> events)
      throws Exception {
    AtomicInteger streams = new AtomicInteger();
    UnaryOperator<List<String>> later =
        all -> streams.incrementAndGet() <= PROMPTS ? all : events.apply(all);
    return load(later, 0, 0).tally().failures();
  }

  private static LoadReport load(UnaryOperator<List<String>> events, int busyEvery, double leaving)
      throws Exception {
    List<LoadRequest> requests = new ArrayList<>();
    for (int i = 0; i < PROMPTS; i++) {
      requests.add(new LoadRequest("fake", "a prompt of number " + i, 8, 0, i));
    }
    LoadPlan plan = new LoadPlan(STREAMS, Duration.ofMillis(300), requests, leaving);
    try (FakeEndpoint endpoint = new FakeEndpoint(events, busyEvery)) {
      CompletionClient client = new CompletionClient(endpoint.url(), Optional.empty());
      return new LoadRun(client, plan, OptionalLong.empty()).run();
    }
  }
}
