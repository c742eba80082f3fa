package dev.kvpress.compare.bench.serve;

import dev.kvpress.compare.bench.Check;
import dev.kvpress.compare.bench.serve.StreamOutcome.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * What a load found.
 *
 * @param seconds from the first request to the last answer
 * @param before memory before the load, garbage collected
 * @param during memory at equal distances, as it was
 * @param after memory behind the last answer, garbage collected
 */
record LoadReport(
    LoadPlan plan,
    LoadTally tally,
    double seconds,
    ServerMemory before,
    List<ServerMemory> during,
    ServerMemory after) {
  /** What may be held longer than a load: code compiled, classes loaded, meters of statuses. */
  static final double HEAP_GROWTH_MIB = 32;

  /** Memory outside the heap may grow by this much from the middle of a load to its end. */
  static final double RESIDENT_GROWTH = 1.1;

  private static final double MIB = 1 << 20;

  /** Keeps a copy. */
  LoadReport {
    during = List.copyOf(during);
  }

  /** Nothing but 429 goes wrong, no answer differs, memory comes back. */
  List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    checks.add(new Check("failed requests", tally.count(Kind.FAILED), 0, ""));
    checks.add(new Check("answers unlike the same request alone", tally.wrongAnswers(), 0, ""));
    change(ServerMemory::heapBytes, before, after)
        .ifPresent(
            bytes -> checks.add(new Check("heap kept", bytes / MIB, HEAP_GROWTH_MIB, "MiB")));
    if (!during.isEmpty()) {
      ServerMemory middle = during.get((during.size() - 1) / 2);
      OptionalDouble first = middle.outsideHeapBytes();
      OptionalDouble last = during.get(during.size() - 1).outsideHeapBytes();
      if (first.isPresent() && last.isPresent()) {
        double growth = last.getAsDouble() / first.getAsDouble();
        checks.add(new Check("outside the heap, end ÷ middle", growth, RESIDENT_GROWTH, ""));
      }
    }
    return checks;
  }

  /** Figures for the terminal. */
  String table() {
    StringBuilder table = new StringBuilder();
    table.append(
        "%d streams for %d s: %d answered, %d left, %d refused (429), %d failed, %d wrong%n"
            .formatted(
                plan.streams(),
                plan.duration().toSeconds(),
                tally.count(Kind.DONE),
                tally.count(Kind.LEFT),
                tally.count(Kind.BUSY),
                tally.count(Kind.FAILED),
                tally.wrongAnswers()));
    table.append(
        "first piece p50 %.0f ms, p99 %.0f ms; between pieces p50 %.1f ms, p99 %.1f ms; %.0f pieces/s%n"
            .formatted(
                tally.firstMillis(50),
                tally.firstMillis(99),
                tally.gapMillis(50),
                tally.gapMillis(99),
                tally.pieces() / seconds));
    table.append(memoryLine("before", before));
    for (int i = 0; i < during.size(); i++) {
      table.append(memoryLine((i + 1) * 100 / during.size() + " %", during.get(i)));
    }
    table.append(memoryLine("after", after));
    tally
        .failures()
        .forEach((what, times) -> table.append("failed %d times: %s%n".formatted(times, what)));
    tally.examples().forEach(example -> table.append("wrong: ").append(example).append('\n'));
    return table.toString();
  }

  private static String memoryLine(String when, ServerMemory memory) {
    return "%-6s resident %s, heap %s of %s, outside it %s, direct %s MiB; %s threads%n"
        .formatted(
            when,
            shown(memory.residentBytes(), MIB),
            shown(memory.heapBytes(), MIB),
            shown(memory.committedBytes(), MIB),
            shown(memory.outsideHeapBytes(), MIB),
            shown(memory.directBytes(), MIB),
            shown(memory.threads(), 1));
  }

  private static String shown(OptionalDouble value, double unit) {
    return value.isPresent() ? "%.0f".formatted(value.getAsDouble() / unit) : "?";
  }

  private static OptionalDouble change(
      Function<ServerMemory, OptionalDouble> figure, ServerMemory from, ServerMemory to) {
    OptionalDouble first = figure.apply(from);
    OptionalDouble second = figure.apply(to);
    return first.isPresent() && second.isPresent()
        ? OptionalDouble.of(second.getAsDouble() - first.getAsDouble())
        : OptionalDouble.empty();
  }
}
