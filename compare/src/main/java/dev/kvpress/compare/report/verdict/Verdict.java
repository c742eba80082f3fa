package dev.kvpress.compare.report.verdict;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.report.folder.MetricInfo;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import dev.kvpress.compare.report.folder.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which press to take.
 *
 * @param choices the best method of each task at each budget; tasks in the order of the run
 * @param text one paragraph in plain words
 */
public record Verdict(ImmutableList<Choice> choices, String text) {
  /** Budgets or names in a sentence; a longer one is not read to its end. */
  private static final int MOST_NAMED = 10;

  /** Ranks the methods of every task by its primary metric. */
  public static Verdict of(ResultFolder folder) {
    ImmutableList.Builder<Choice> choices = ImmutableList.builder();
    for (Topic topic : folder.topics()) {
      folder
          .primary(topic)
          .ifPresent(metric -> choices.addAll(new Ranking(folder, topic, metric).choices()));
    }
    ImmutableList<Choice> all = choices.build();
    return new Verdict(all, text(folder, all));
  }

  private static String text(ResultFolder folder, List<Choice> all) {
    List<Choice> quality = all.stream().filter(choice -> !choice.topic().isSpeed()).toList();
    List<Choice> ranked = quality.isEmpty() ? all : quality;
    if (ranked.isEmpty()) {
      return "There is nothing to choose from: no method beside the full cache has figures. "
          + "The errors below say why.";
    }
    List<String> sentences = new ArrayList<>();
    sentences.add(winner(ranked));
    sentences.add(main(ranked));
    others(ranked).ifPresent(sentences::add);
    sentences.add(caution(folder, ranked));
    return String.join(" ", sentences);
  }

  private static String winner(List<Choice> ranked) {
    Map<String, Long> wins =
        ranked.stream().collect(groupingBy(c -> c.best().method(), LinkedHashMap::new, counting()));
    // The first of equals: the order of the run.
    long most = wins.values().stream().mapToLong(Long::longValue).max().orElse(0);
    List<String> names =
        wins.entrySet().stream()
            .filter(entry -> entry.getValue() == most)
            .map(Map.Entry::getKey)
            .toList();
    if (ranked.stream().allMatch(choice -> choice.rivals() == 1)) {
      return "Only one method stands at each ratio beside the full cache: "
          + listed(List.copyOf(wins.keySet()))
          + ".";
    }
    String where =
        ranked.size() == 1
            ? "in the one comparison there is"
            : "in %d of %d comparisons (one is a task at a ratio)".formatted(most, ranked.size());
    return names.size() == 1
        ? "Take %s: it is best %s.".formatted(names.get(0), where)
        : "No single winner: %s are each best %s.".formatted(listed(names), where);
  }

  /** The first task in full: method, figure and cache at each ratio. */
  private static String main(List<Choice> ranked) {
    Topic topic = ranked.get(0).topic();
    List<Choice> own = ranked.stream().filter(choice -> choice.topic().equals(topic)).toList();
    MetricInfo info = own.get(0).info();
    boolean intervals = own.stream().anyMatch(choice -> choice.interval().isPresent());
    return "On %s (%s, %s is better), against the full cache%s: %s."
        .formatted(
            Words.topic(topic),
            info.title(),
            info.higherIsBetter() ? "higher" : "lower",
            intervals ? " and with 95 % intervals in brackets" : "",
            own.stream().limit(MOST_NAMED).map(Verdict::inFull).collect(joining("; "))
                + (own.size() > MOST_NAMED
                    ? "; and so on for %d more".formatted(own.size() - MOST_NAMED)
                    : ""));
  }

  private static String inFull(Choice choice) {
    String cache = choice.cacheInWords().map(words -> ", KV cache " + words).orElse("");
    return "%s, take %s (%s%s)"
        .formatted(budget(choice), choice.best().method(), choice.figureInWords(), cache);
  }

  private static String budget(Choice choice) {
    if (choice.best().hasOwnRule() && choice.requested().equals(choice.best().requested())) {
      return "by a rule of its own";
    }
    return (choice.requested().endsWith("tokens") ? "to keep " : "to remove ") + choice.requested();
  }

  /** The other tasks in short: who is best where. */
  private static Optional<String> others(List<Choice> ranked) {
    Topic main = ranked.get(0).topic();
    Map<Topic, List<Choice>> rest =
        ranked.stream()
            .filter(choice -> !choice.topic().equals(main))
            .collect(groupingBy(Choice::topic, LinkedHashMap::new, toList()));
    return rest.isEmpty()
        ? Optional.empty()
        : Optional.of(
            rest.entrySet().stream()
                .map(entry -> "on " + Words.topic(entry.getKey()) + ": " + where(entry.getValue()))
                .collect(joining("; ", "The best ", ".")));
  }

  private static String where(List<Choice> choices) {
    Map<String, List<String>> budgets =
        choices.stream()
            .collect(
                groupingBy(
                    choice -> choice.best().method(),
                    LinkedHashMap::new,
                    mapping(Choice::requested, toList())));
    String others =
        budgets.size() > MOST_NAMED
            ? ", and %d other methods".formatted(budgets.size() - MOST_NAMED)
            : "";
    return budgets.entrySet().stream()
            .limit(MOST_NAMED)
            .map(entry -> entry.getKey() + " at " + listed(entry.getValue()))
            .collect(joining(", "))
        + others;
  }

  private static String caution(ResultFolder folder, List<Choice> ranked) {
    int samples =
        ranked.stream().mapToInt(choice -> choice.figure().n()).filter(n -> n > 0).min().orElse(0);
    List<String> parts = new ArrayList<>();
    List<Choice> harmless = ranked.stream().filter(Choice::isHarmless).toList();
    if (!harmless.isEmpty()) {
      parts.add(
          "no loss against the full cache is visible in %d of %d comparisons"
              .formatted(harmless.size(), ranked.size()));
    }
    if (ranked.stream().anyMatch(choice -> !choice.alike().isEmpty())) {
      parts.add(
          "some runners-up lie within the winner's interval, so more samples might rank them otherwise");
    }
    if (samples > 0) {
      parts.add(
          "each figure rests on at least " + samples + (samples == 1 ? " sample" : " samples"));
    }
    long failed = folder.cells().stream().filter(cell -> cell.error() != null).count();
    if (failed > 0) {
      parts.add(
          "%d of %d cells ended as errors and are not ranked"
              .formatted(failed, folder.cells().size()));
    }
    String text = String.join("; ", parts);
    return text.isEmpty() ? "" : Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
  }

  private static String listed(List<String> names) {
    if (names.size() > MOST_NAMED) {
      return "%s and %d others"
          .formatted(
              String.join(", ", names.subList(0, MOST_NAMED - 1)), names.size() - MOST_NAMED + 1);
    }
    int last = names.size() - 1;
    return last == 0
        ? names.get(0)
        : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
  }
}
