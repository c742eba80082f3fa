package dev.kvpress.runtime.generate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.generate.FinishReason;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.Usage;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the meters show of what was told. */
class GeneratorMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final GeneratorMetrics metrics = new GeneratorMetrics(registry, Tags.of("model", "demo"));

  private static Generation ended(FinishReason reason, int generated, long seen) {
    Usage usage =
        new Usage(
            0,
            7,
            generated,
            seen,
            seen,
            10,
            10,
            10,
            seen,
            5_000_000,
            3_000_000,
            2_000_000,
            0,
            0,
            10_000_000,
            40_000_000);
    return new Generation(
        "",
        List.of(),
        reason,
        Optional.empty(),
        usage,
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  private double count(String name, String... more) {
    return registry.get(name).tags("model", "demo").tags(more).counter().count();
  }

  @Test
  void countsWhatHasEndedAndHow() {
    metrics.onSubmit();
    metrics.onSubmit();
    metrics.onEnd(ended(FinishReason.STOP, 5, 140));
    metrics.onEnd(ended(FinishReason.CANCELLED, 0, 0));
    metrics.onFailure(new IllegalStateException("gone"));
    metrics.onBusy();
    assertThat(count(GeneratorMetrics.GENERATIONS, "reason", "stop")).isEqualTo(1);
    assertThat(count(GeneratorMetrics.GENERATIONS, "reason", "cancelled")).isEqualTo(1);
    assertThat(count(GeneratorMetrics.GENERATIONS, "reason", "max_tokens")).isZero();
    assertThat(count(GeneratorMetrics.SUBMITTED)).isEqualTo(2);
    assertThat(count(GeneratorMetrics.FAILURES)).isEqualTo(1);
    assertThat(count(GeneratorMetrics.REFUSALS)).isEqualTo(1);
    // The prompt of what was given up has not passed.
    assertThat(count(GeneratorMetrics.PROMPT_TOKENS)).isEqualTo(7);
    assertThat(count(GeneratorMetrics.GENERATED_TOKENS)).isEqualTo(5);
  }

  @Test
  void timesWhatAGenerationTook() {
    metrics.onEnd(ended(FinishReason.MAX_TOKENS, 5, 140));
    assertThat(millis(GeneratorMetrics.WAIT)).isEqualTo(5);
    assertThat(millis(GeneratorMetrics.PREFILL)).isEqualTo(3);
    assertThat(millis(GeneratorMetrics.PRESS)).isEqualTo(2);
    assertThat(millis(GeneratorMetrics.FIRST_TOKEN)).isEqualTo(10);
    // Four steps behind the first token.
    assertThat(millis(GeneratorMetrics.PER_TOKEN)).isEqualTo(10);
  }

  private double millis(String name) {
    return registry.get(name).timer().totalTime(TimeUnit.MILLISECONDS);
  }
}
