/**
 * Load and hostile requests for the endpoint {@code compare serve}, over loopback only.
 *
 * <p>Start at {@link dev.kvpress.compare.bench.serve.ServeLoadCommand}: a {@link
 * dev.kvpress.compare.bench.serve.ServerUnderTest} is started or found; {@link
 * dev.kvpress.compare.bench.serve.LoadRun} keeps many streams open, holds each answer against the
 * one that the same request had alone, and counts in a {@link
 * dev.kvpress.compare.bench.serve.LoadTally}; {@link dev.kvpress.compare.bench.serve.HostileRun}
 * sends what no client should, from {@link dev.kvpress.compare.bench.serve.HostileRequests}. Both
 * speak HTTP from outside and know nothing of the server's classes.
 */
@NullMarked
package dev.kvpress.compare.bench.serve;

import org.jspecify.annotations.NullMarked;
