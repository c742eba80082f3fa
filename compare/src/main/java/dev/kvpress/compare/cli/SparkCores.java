package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Cores of an executor and threads of its engine, brought together: the one follows from the other.
 * Where neither is given an executor has one core, and the engine divides its work as it would
 * here, so that results are those of a run here to the bit.
 *
 * @param cores of an executor; empty: not given
 * @param threads of the engine, as typed; empty: not given
 */
record SparkCores(OptionalInt cores, Optional<String> threads) {
  private static final String CORES = "spark.executor.cores";
  private static final String THREADS = "--threads";

  /**
   * Reads them.
   *
   * @param conf settings of Spark
   * @param typed the option --threads
   */
  static SparkCores of(List<String> conf, @Nullable String typed, Problems problems) {
    Values values = new Values(problems);
    String given = null;
    for (String one : conf) {
      if (one.startsWith(CORES + "=")) {
        given = one.substring(CORES.length() + 1);
      }
    }
    OptionalInt cores = values.integer("--conf " + CORES, given, 1);
    // What is wrong with it is noted where it is read.
    OptionalInt threads = new Values(new Problems()).integer(THREADS, typed, 1);
    if (cores.isPresent() && threads.isPresent() && threads.getAsInt() > cores.getAsInt()) {
      problems.add(
          "%s: expected at most %d, which are the cores of an executor (--conf %s), found %d; give fewer, or more cores"
              .formatted(THREADS, cores.getAsInt(), CORES, threads.getAsInt()));
    }
    Optional<String> used = Optional.ofNullable(typed);
    if (typed == null && cores.isPresent()) {
      used = Optional.of(String.valueOf(cores.getAsInt()));
    }
    return new SparkCores(cores.isPresent() ? cores : threads, used);
  }

  /** What Spark is told of it. */
  List<String> conf() {
    return cores.isPresent() ? List.of(CORES + "=" + cores.getAsInt()) : List.of();
  }

  /** Arguments that say the same to workers. */
  List<String> in(List<String> arguments) {
    List<String> all =
        new ArrayList<>(arguments.stream().filter(one -> !one.startsWith(THREADS + "=")).toList());
    threads.ifPresent(count -> all.add(THREADS + "=" + count));
    return all;
  }

  /** For people. */
  String words() {
    return cores.isPresent()
        ? "%d %s an executor".formatted(cores.getAsInt(), cores.getAsInt() == 1 ? "core" : "cores")
        : "1 core an executor (--threads gives more)";
  }
}
