package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.runtime.cache.position.Positions;

/**
 * What is to be generated, and how the cache is to be cut.
 *
 * @param maxNewTokens at least 1
 * @param chunkSize tokens per pass of the prompt, at least 1
 * @param press what cuts the cache, {@code baseline} for nothing
 * @param budget how much may stay
 * @param positions where tokens stand
 */
public record TokenRequest(
    int maxNewTokens, int chunkSize, ModelPress press, Budget budget, Positions positions) {
  /** Checks the ranges. */
  public TokenRequest {
    checkArgument(maxNewTokens >= 1, "max new tokens must be at least 1, found %s", maxNewTokens);
    checkArgument(chunkSize >= 1, "chunk size must be at least 1, found %s", chunkSize);
    requireNonNull(press, "press is null");
    requireNonNull(budget, "budget is null");
    requireNonNull(positions, "positions is null");
  }

  /** At true positions. */
  public TokenRequest(int maxNewTokens, int chunkSize, ModelPress press, Budget budget) {
    this(maxNewTokens, chunkSize, press, budget, Positions.TRUE);
  }
}
