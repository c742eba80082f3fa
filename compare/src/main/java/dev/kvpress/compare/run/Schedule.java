package dev.kvpress.compare.run;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.task.Probe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The probes of all tasks, those with the same context together, so that it is prefilled once.
 *
 * @param contexts in the order in which they first appear
 */
record Schedule(List<SharedContext> contexts) {
  /**
   * One context.
   *
   * @param place in the whole schedule, from 0
   * @param ids its tokens
   * @param probes who asks about it
   */
  record SharedContext(int place, ImmutableIntArray ids, List<Asking> probes) {}

  /**
   * A probe with its task.
   *
   * @param task place of the task among those of the run, from 0
   * @param place of the probe among its task's, from 0
   */
  record Asking(Assignment assignment, int task, Probe probe, int place) {
    // Keep maps of a few samples are enough to look at.
    private static final int MAPPED_SAMPLES = 2;
    private static final int MOST_MAPPED_TOKENS = 16_384;

    /** Whether it is told which tokens of its context the methods keep. */
    boolean isMapped() {
      return place < MAPPED_SAMPLES && probe.context().length() <= MOST_MAPPED_TOKENS;
    }
  }

  static Schedule of(List<Assignment> assignments) {
    Map<ImmutableIntArray, List<Asking>> byContext = new LinkedHashMap<>();
    for (int task = 0; task < assignments.size(); task++) {
      Assignment assignment = assignments.get(task);
      int place = 0;
      for (Probe probe : assignment.samples().probes()) {
        byContext
            .computeIfAbsent(probe.context(), ids -> new ArrayList<>())
            .add(new Asking(assignment, task, probe, place++));
      }
    }
    List<SharedContext> contexts = new ArrayList<>();
    byContext.forEach(
        (ids, probes) -> contexts.add(new SharedContext(contexts.size(), ids, probes)));
    return new Schedule(contexts);
  }

  /** The part of a shard; methods and other contexts do not change which. */
  List<SharedContext> of(Shard shard) {
    return contexts.stream().filter(context -> shard.takes(context.place())).toList();
  }

  /** Of some tasks alone; contexts stay where they are in the whole. */
  Schedule only(Predicate<Assignment> tasks) {
    List<SharedContext> own = new ArrayList<>();
    for (SharedContext context : contexts) {
      List<Asking> probes =
          context.probes().stream().filter(asking -> tasks.test(asking.assignment())).toList();
      if (!probes.isEmpty()) {
        own.add(new SharedContext(context.place(), context.ids(), probes));
      }
    }
    return new Schedule(own);
  }

  /** Probes of some contexts. */
  static int probes(List<SharedContext> contexts) {
    return contexts.stream().mapToInt(context -> context.probes().size()).sum();
  }
}
