package dev.kvpress.runtime.graph.trace;

/**
 * Queries of one layer somewhere in a graph.
 *
 * @param value {@code [B,H,Q,D]} or {@code [B,Q,H,D]}, perhaps with axes merged
 * @param headsFirst whether heads come before queries
 */
public record QueryRows(String value, boolean headsFirst) {}
