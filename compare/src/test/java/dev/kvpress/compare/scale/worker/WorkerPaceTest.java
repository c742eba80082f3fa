package dev.kvpress.compare.scale.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WorkerPaceTest {
  private final AtomicLong clock = new AtomicLong();

  private void count(WorkerPace pace, int worker, int pieces, int secondsEach) {
    for (int i = 0; i < pieces; i++) {
      clock.addAndGet(TimeUnit.SECONDS.toNanos(secondsEach));
      pace.count(worker);
    }
  }

  @Test
  void whatLoadingTakesDoesNotCount() {
    WorkerPace pace = new WorkerPace(2, clock::get);
    assertThat(pace.shortly()).isEqualTo("2 workers");
    clock.addAndGet(TimeUnit.HOURS.toNanos(1));
    count(pace, 0, 1, 3600);
    assertThat(pace.shortly()).isEqualTo("2 workers");
    count(pace, 0, 2, 10);
    assertThat(pace.shortly()).isEqualTo("2 workers at 6.0+- a minute");
    count(pace, 1, 2, 1);
    assertThat(pace.shortly()).isEqualTo("2 workers at 6.0+60 a minute");
    assertThat(pace.summary())
        .isEqualTo("worker 1: 3 pieces, 6.0 a minute; worker 2: 2 pieces, 60 a minute");
  }

  @Test
  void manyAreToldByTheirSlowestAndFastest() {
    WorkerPace pace = new WorkerPace(64, clock::get);
    count(pace, 7, 2, 30);
    count(pace, 9, 2, 20);
    assertThat(pace.shortly()).isEqualTo("64 workers at 2.0 to 3.0 each a minute");
  }
}
