/**
 * Meters of a generator for Micrometer, which the caller has among the dependencies; nothing else
 * of kvpress needs it.
 *
 * <p>In goes what a {@link dev.kvpress.runtime.generate.GenerationObserver} is told, out come
 * counters, timers and gauges named {@code kvpress.*}. Start at {@link
 * dev.kvpress.runtime.generate.metrics.GeneratorMetrics}.
 */
@NullMarked
package dev.kvpress.runtime.generate.metrics;

import org.jspecify.annotations.NullMarked;
