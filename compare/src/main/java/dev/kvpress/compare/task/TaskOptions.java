package dev.kvpress.compare.task;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.ruler.RulerTask;
import dev.kvpress.compare.ruler.RulerWording;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Options that are no press's.
 *
 * @param queryAware whether the question is part of what is compressed
 * @param maxNewTokens how much is generated at most; empty: as the data says, else the task's own
 * @param seed of everything a task draws
 * @param chatTemplate in which chat template prompts are written
 * @param shots solved examples in front of prompts
 * @param ruler what is generated for task ruler
 * @param latency how often tasks latency and throughput measure
 * @param throughput which batches task throughput measures
 */
public record TaskOptions(
    boolean queryAware,
    OptionalInt maxNewTokens,
    long seed,
    TemplateChoice chatTemplate,
    Shots shots,
    Ruler ruler,
    Latency latency,
    Throughput throughput) {
  /** Questions are unknown when the context is compressed. */
  public static final TaskOptions DEFAULT = new TaskOptions(false, OptionalInt.empty(), 42);

  /** Options with the defaults of single tasks. */
  public TaskOptions(boolean queryAware, OptionalInt maxNewTokens, long seed) {
    this(
        queryAware,
        maxNewTokens,
        seed,
        TemplateChoice.NONE,
        Shots.NONE,
        Ruler.DEFAULT,
        Latency.DEFAULT,
        Throughput.DEFAULT);
  }

  /** The same, with prompts in another form. */
  public TaskOptions with(TemplateChoice other) {
    return new TaskOptions(
        queryAware, maxNewTokens, seed, other, shots, ruler, latency, throughput);
  }

  /**
   * Solved examples.
   *
   * @param count how many, 0 for none
   * @param training file of the task's own kind they are taken from; there if count is not 0
   */
  public record Shots(int count, Optional<Path> training) {
    /** No examples. */
    public static final Shots NONE = new Shots(0, Optional.empty());

    /** Checks that there is a file where there are examples. */
    public Shots {
      checkArgument(count >= 0, "--shots: expected at least 0, found %s", count);
      checkArgument(
          count == 0 || training.isPresent(),
          "--shots: expected a file of solved examples too; give --shots-from FILE");
    }
  }

  /**
   * What task ruler generates.
   *
   * @param lengths of contexts with their questions in tokens; empty: the task's own
   * @param types which of the thirteen; empty: all that the data allows
   * @param wording in which words
   * @param questions file of questions for qa_1 and qa_2
   */
  public record Ruler(
      List<Integer> lengths,
      List<RulerTask> types,
      RulerWording wording,
      Optional<Path> questions) {
    /** All types that need no file of questions, in plain English. */
    public static final Ruler DEFAULT =
        new Ruler(List.of(), List.of(), RulerWording.PLAIN, Optional.empty());

    /** Takes copies and checks the ranges. */
    public Ruler {
      lengths = ImmutableList.copyOf(lengths);
      types = ImmutableList.copyOf(types);
      for (int length : lengths) {
        checkArgument(length >= 1, "--ruler-length: expected at least 1, found %s", length);
      }
    }
  }

  /**
   * How often task latency measures.
   *
   * @param warmUp runs that are thrown away before, 0 or more
   * @param repetitions runs of which medians are taken, at least 1
   */
  public record Latency(int warmUp, int repetitions) {
    /** One run to warm up, three that count. */
    public static final Latency DEFAULT = new Latency(1, 3);

    /** Checks the ranges. */
    public Latency {
      checkArgument(warmUp >= 0, "--warm-up: expected at least 0, found %s", warmUp);
      checkArgument(repetitions >= 1, "--repetitions: expected at least 1, found %s", repetitions);
    }
  }

  /**
   * Which batches task throughput measures.
   *
   * @param sizes rows of each, ascending; empty: powers of two, up to {@link #MOST_ROWS_BY_DEFAULT}
   *     or as the budget allows
   * @param cacheBytes what the caches of all rows together may take; empty: anything
   */
  public record Throughput(List<Integer> sizes, OptionalLong cacheBytes) {
    /** Powers of two without a budget. */
    public static final Throughput DEFAULT = new Throughput(List.of(), OptionalLong.empty());

    /** The largest batch where neither sizes nor a budget are given. */
    public static final int MOST_ROWS_BY_DEFAULT = 16;

    /** The largest batch that a budget is taken to allow. */
    public static final int MOST_ROWS = 1024;

    /** Puts the sizes in order and checks the ranges. */
    public Throughput {
      sizes = sizes.stream().distinct().sorted().collect(ImmutableList.toImmutableList());
      checkArgument(
          sizes.isEmpty() || sizes.get(0) >= 1,
          "--batch-sizes: expected at least 1 row, found %s",
          sizes);
      checkArgument(
          cacheBytes.isEmpty() || cacheBytes.getAsLong() >= 1,
          "--cache-budget: expected at least 1 byte, found %s",
          cacheBytes);
    }

    /**
     * Rows of the largest batch to measure.
     *
     * @param bytesOfOne what the cache of a single row takes in the end
     * @throws IllegalArgumentException if the budget does not suffice for one row
     */
    int largest(long bytesOfOne) {
      if (cacheBytes.isEmpty()) {
        return sizes.isEmpty() ? MOST_ROWS_BY_DEFAULT : sizes.get(sizes.size() - 1);
      }
      long rows = cacheBytes.getAsLong() / Math.max(1, bytesOfOne);
      checkArgument(
          rows >= 1,
          "--cache-budget: the cache of a single row takes %s bytes in the end, the budget is %s; raise it or remove more of the cache",
          bytesOfOne,
          cacheBytes.getAsLong());
      return (int) Math.min(rows, MOST_ROWS);
    }

    /** Sizes to measure beside the largest batch, ascending; one row is always among them. */
    List<Integer> upTo(int largest) {
      IntStream wanted =
          sizes.isEmpty()
              ? IntStream.iterate(1, rows -> rows <= largest, rows -> 2 * rows)
              : IntStream.concat(IntStream.of(1), sizes.stream().mapToInt(Integer::intValue));
      return wanted.filter(rows -> rows <= largest).distinct().boxed().toList();
    }
  }
}
