package dev.kvpress.runtime.generate;

import java.time.Duration;
import java.util.Optional;

/**
 * When a generation ends at the latest.
 *
 * @param maxTokens new tokens, at least 1
 * @param time from handing over to the end, waiting included; the text so far is the answer
 */
public record Limits(int maxTokens, Optional<Duration> time) {}
