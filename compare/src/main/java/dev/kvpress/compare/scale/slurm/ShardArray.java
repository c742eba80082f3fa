package dev.kvpress.compare.scale.slurm;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Into how many shards a comparison is cut.
 *
 * @param shards one or more
 * @param atOnce how many run at once at most; empty: as many as the cluster gives
 */
public record ShardArray(int shards, OptionalInt atOnce) {
  private static final int USUAL = 1000;

  // At most nine digits: no overflow.
  private static final Pattern TYPED = Pattern.compile("([0-9]{1,9})(?:%([0-9]{1,9}))?");

  /** Both must be positive. */
  public ShardArray {
    checkArgument(shards > 0, "shards must be positive, found %s", shards);
    checkArgument(atOnce.orElse(1) > 0, "atOnce must be positive, found %s", atOnce);
  }

  /**
   * Reads {@code 16} or {@code 16%4}.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static ShardArray parse(String typed) {
    Matcher matcher = TYPED.matcher(typed.strip());
    if (matcher.matches()) {
      int shards = Integer.parseInt(matcher.group(1));
      OptionalInt atOnce =
          matcher.group(2) == null
              ? OptionalInt.empty()
              : OptionalInt.of(Integer.parseInt(matcher.group(2)));
      if (shards > 0 && atOnce.orElse(1) > 0) {
        return new ShardArray(shards, atOnce);
      }
    }
    throw new IllegalArgumentException(
        "expected a number of shards of at least 1, where wanted with %%K behind it for K at once at most, for instance 16 or 16%%4, found '%s'"
            .formatted(typed));
  }

  /** Whether it is more than a cluster takes that has SLURM's own MaxArraySize of 1001. */
  public boolean isUnusual() {
    return shards > USUAL;
  }

  /** What sbatch is told. */
  String directive() {
    return "1-%d%s"
        .formatted(
            shards,
            atOnce.isPresent() ? String.format(Locale.ROOT, "%%%d", atOnce.getAsInt()) : "");
  }
}
