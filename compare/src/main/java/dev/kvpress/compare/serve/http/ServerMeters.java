package dev.kvpress.compare.serve.http;

import dev.kvpress.compare.serve.model.ContextShelf;
import dev.kvpress.runtime.generate.GenerationObserver;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.metrics.GeneratorMetrics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/** All figures that an endpoint tells of itself. */
public final class ServerMeters implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final GeneratorMetrics generations = new GeneratorMetrics(registry, List.of());

  /** Begins to watch the process. */
  public ServerMeters() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /** Is to be told of all generations. */
  public GenerationObserver observer() {
    return generations;
  }

  /** Watches what runs and what is kept. */
  public void watch(Generator generator, ContextShelf shelf) {
    generations.watch(generator);
    Gauge.builder("kvpress.contexts.kept", shelf, ContextShelf::size)
        .description("Compressed contexts that are kept")
        .register(registry);
    Gauge.builder("kvpress.contexts.bytes", shelf, ContextShelf::bytes)
        .description("Bytes that they take")
        .baseUnit("bytes")
        .register(registry);
  }

  /** Where they are collected. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
