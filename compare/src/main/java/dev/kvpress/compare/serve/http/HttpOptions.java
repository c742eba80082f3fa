package dev.kvpress.compare.serve.http;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How a server listens.
 *
 * @param host address or name that it binds to
 * @param port 0 for any that is free
 * @param key that clients must send, where one is asked for
 * @param hosts names by which browsers may call it, without ports, in lower case; empty for any
 * @param maxBodyBytes of a request
 * @param maxRequests that are worked at or wait; a further one is refused
 * @param idle after which a connection on which nothing moves is given up
 * @param answerTime from a request on until its answer must have been written
 */
public record HttpOptions(
    String host,
    int port,
    Optional<String> key,
    Set<String> hosts,
    long maxBodyBytes,
    int maxRequests,
    Duration idle,
    Duration answerTime) {
  private static final int LARGEST_PORT = 65_535;

  /** Checks the ranges. */
  public HttpOptions {
    requireNonNull(host, "host is null");
    requireNonNull(key, "key is null");
    hosts = ImmutableSet.copyOf(hosts);
    checkArgument(
        port >= 0 && port <= LARGEST_PORT, "port must be from 0 to 65535, found %s", port);
    checkArgument(maxBodyBytes >= 1, "maxBodyBytes must be at least 1, found %s", maxBodyBytes);
    checkArgument(maxRequests >= 1, "maxRequests must be at least 1, found %s", maxRequests);
    checkArgument(idle.toMillis() >= 1, "idle must be at least 1 ms, found %s", idle);
    checkArgument(
        answerTime.toMillis() >= 1, "answerTime must be at least 1 ms, found %s", answerTime);
  }
}
