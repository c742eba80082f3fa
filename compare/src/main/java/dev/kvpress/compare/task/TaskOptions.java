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

/**
 * Options that are no press's.
 *
 * @param queryAware whether the question is part of what is compressed
 * @param maxNewTokens how much is generated at most; empty: as the data says, else the task's own
 * @param seed of everything a task draws
 * @param chatTemplate in which chat template prompts are written
 * @param shots solved examples in front of prompts
 * @param ruler what is generated for task ruler
 * @param latency how often task latency measures
 */
public record TaskOptions(
    boolean queryAware,
    OptionalInt maxNewTokens,
    long seed,
    TemplateChoice chatTemplate,
    Shots shots,
    Ruler ruler,
    Latency latency) {
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
        Latency.DEFAULT);
  }

  /** The same, with prompts in another form. */
  public TaskOptions with(TemplateChoice other) {
    return new TaskOptions(queryAware, maxNewTokens, seed, other, shots, ruler, latency);
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
}
