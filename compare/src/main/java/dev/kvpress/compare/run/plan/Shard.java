package dev.kvpress.compare.run.plan;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Which part of the contexts a run takes: every n-th.
 *
 * @param number of the shard, from 1
 * @param of how many there are
 */
public record Shard(int number, int of) {
  /** Everything. */
  public static final Shard WHOLE = new Shard(1, 1);

  /** Checks the range. */
  public Shard {
    checkArgument(of >= 1 && number >= 1 && number <= of, "no shard: %s/%s", number, of);
  }

  /** Whether it takes the context at a place of the whole schedule. */
  public boolean takes(int context) {
    return context % of == number - 1;
  }

  /** Whether it takes everything. */
  public boolean takesAll() {
    return of == 1;
  }

  @Override
  public String toString() {
    return number + "/" + of;
  }
}
