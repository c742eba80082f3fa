package dev.kvpress.compare.serve.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Counts and times requests by route. */
final class HttpMeters {
  private final MeterRegistry registry;

  HttpMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** One request has been answered. */
  void answered(String route, String method, int status, long nanos) {
    Timer.builder("kvpress.http.requests")
        .description("Requests, from their first line to the end of their answer")
        .tag("route", route)
        .tag("method", method)
        .tag("status", String.valueOf(status))
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** A figure that is asked for whenever somebody looks. */
  <T> void gauge(String name, String description, T of, ToDoubleFunction<T> figure) {
    Gauge.builder(name, of, figure).description(description).register(registry);
  }
}
