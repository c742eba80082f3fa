package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.task.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a comparison is going to do, counted before anything runs.
 *
 * @param lines for people
 * @param cacheBytes most bytes of caches that are there at once: methods come one after the other,
 *     however many there are
 */
public record WorkPlan(List<String> lines, long cacheBytes) {
  // The prefill, the cache of the cell at work and the fork that a probe goes on with.
  private static final int CACHES_AT_ONCE = 3;
  private static final double BYTES_PER_MEBIBYTE = 1 << 20;

  /** Takes a copy. */
  public WorkPlan {
    lines = ImmutableList.copyOf(lines);
  }

  /**
   * Counts.
   *
   * @param shard which part of the contexts is taken
   * @param bytesPerToken keys and values of one token over all layers
   */
  public static WorkPlan of(
      RunSettings settings,
      List<CellPlan> cells,
      List<Assignment> assignments,
      Shard shard,
      int bytesPerToken) {
    Schedule schedule = Schedule.of(assignments);
    List<Schedule.SharedContext> contexts = schedule.of(shard);
    List<String> lines = new ArrayList<>();
    for (CellPlan cell : cells) {
      lines.add("cell: " + cell.describe() + " = " + cell.spec());
    }
    for (Assignment assignment : assignments) {
      lines.add(
          "task: %s, %,d samples"
              .formatted(assignment.describe(), assignment.samples().probes().size()));
    }
    if (!shard.takesAll()) {
      lines.add(
          "shard %s: %,d of %,d contexts"
              .formatted(shard, contexts.size(), schedule.contexts().size()));
    }
    int probes = Schedule.probes(contexts);
    int work = probes * cells.size();
    lines.add("work: %,d (%,d cells on %,d samples)".formatted(work, cells.size(), probes));
    boolean shared = settings.protocol() == Protocol.PREFILL;
    lines.add(
        "prefills: %,d%s"
            .formatted(
                shared ? contexts.size() : work, shared ? " instead of %,d".formatted(work) : ""));
    long tokens = 0;
    int longest = 0;
    for (Schedule.SharedContext context : contexts) {
      tokens += context.ids().length();
      longest = Math.max(longest, context.ids().length());
    }
    lines.add("context tokens: %,d, the longest context %,d".formatted(tokens, longest));
    long cacheBytes = (long) CACHES_AT_ONCE * longest * bytesPerToken;
    lines.add(
        String.format(
            Locale.ROOT,
            "cache: at most %.1f MiB at once (%d caches of the longest context, %,d bytes a token)",
            cacheBytes / BYTES_PER_MEBIBYTE,
            CACHES_AT_ONCE,
            bytesPerToken));
    return new WorkPlan(lines, cacheBytes);
  }
}
