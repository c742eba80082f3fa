package dev.kvpress.compare.bench.serve;

import dev.kvpress.compare.bench.Check;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of hostile requests.
 *
 * @param sent how many
 * @param answers how often each status came, or none
 * @param faults how often each kind was answered as it should not be, with what was wrong
 * @param examples one request of each such kind, and what came back
 * @param lost why right requests in between were not answered as before, and how often
 */
record HostileReport(
    int sent,
    Map<String, Integer> answers,
    Map<String, Integer> faults,
    Map<String, String> examples,
    Map<String, Integer> lost) {
  /** Keeps copies. */
  HostileReport {
    answers = Collections.unmodifiableMap(new TreeMap<>(answers));
    faults = Collections.unmodifiableMap(new TreeMap<>(faults));
    examples = Map.copyOf(examples);
    lost = Collections.unmodifiableMap(new TreeMap<>(lost));
  }

  /** All refused or closed, and the server goes on. */
  List<Check> checks() {
    return List.of(
        new Check("hostile requests not refused", sum(faults), 0, ""),
        new Check("right requests not answered in between", sum(lost), 0, ""));
  }

  private static int sum(Map<String, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Figures for the terminal. */
  String table() {
    StringBuilder table = new StringBuilder("%d hostile requests:".formatted(sent));
    answers.forEach((label, times) -> table.append(" %s %d,".formatted(label, times)));
    table.setCharAt(table.length() - 1, '\n');
    faults.forEach(
        (what, times) ->
            table.append(
                "%d times %s, for instance %s%n"
                    .formatted(times, what, examples.getOrDefault(what, "?"))));
    lost.forEach((why, times) -> table.append("%d times not answered: %s%n".formatted(times, why)));
    return table.toString();
  }
}
