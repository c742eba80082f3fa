package dev.kvpress.compare.report.html;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.html.HtmlEscapers;
import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.NoteNumbers;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.Words;
import dev.kvpress.compare.report.verdict.Choice;
import dev.kvpress.compare.report.verdict.Verdict;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The parts of the page that need no script. */
final class PageParts {
  private static final List<String> HEADS =
      List.of(
          "Removed, asked",
          "Best",
          "Removed, achieved",
          "Figure",
          "Against the full cache",
          "KV cache",
          "Not told apart");
  private static final int MOST_NAMES = 4;

  /** Rows of a list that nobody can leaf through. */
  private static final int MOST_ROWS = 100;

  private static final String CHOICES_CAPTION =
      "<p class=\"note\" id=\"choices-caption\">The best method of each task at each ratio. "
          + "A method with a rule of its own counts where it removes at least as much. "
          + "“Not told apart” are methods whose difference lies within the winner’s "
          + "95&#8239;% interval.</p>\n";

  private final ResultFolder folder;
  private final Verdict verdict;
  private final NoteNumbers numbers;

  PageParts(ResultFolder folder, Verdict verdict) {
    this.folder = folder;
    this.verdict = verdict;
    this.numbers = NoteNumbers.of(folder);
  }

  private static String escape(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }

  /** Model, sizes and time of the run in a line. */
  String subtitle() {
    JsonNode model = folder.provenance().path("model");
    StringBuilder text = new StringBuilder();
    long methods = folder.cells().stream().map(Cell::spec).distinct().count();
    text.append(methods).append(" methods, ").append(folder.cells().size()).append(" cells");
    if (model.has("layers")) {
      text.append("; model of ")
          .append(model.path("layers").asText())
          .append(" layers, ")
          .append(model.path("query_heads").asText())
          .append(" query heads and ")
          .append(model.path("kv_heads").asText())
          .append(" KV heads");
    }
    String started = folder.provenance().path("started_at").asText("");
    text.append(started.isEmpty() ? "" : "; run of " + started);
    return escape(text.toString());
  }

  /** The best method of each task at each ratio as a table, a group of rows for each task. */
  String choices() {
    if (verdict.choices().isEmpty()) {
      return "";
    }
    StringBuilder html = new StringBuilder(CHOICES_CAPTION);
    html.append("<div class=\"scroll\" id=\"choices-box\" tabindex=\"0\" role=\"region\" ")
        .append("aria-labelledby=\"choices-caption\">")
        .append("<table id=\"choices\" aria-labelledby=\"choices-caption\"><thead><tr>");
    for (String head : HEADS) {
      html.append("<th scope=\"col\" class=\"text\">").append(head).append("</th>");
    }
    html.append("</tr></thead>");
    verdict.choices().stream()
        .collect(groupingBy(Choice::topic, LinkedHashMap::new, toList()))
        .values()
        .forEach(choices -> group(html, choices));
    return html.append("</table></div>\n")
        .append("<div class=\"pages\" id=\"choices-pages\" role=\"group\" ")
        .append("aria-label=\"Pages of the verdict\" hidden></div>")
        .toString();
  }

  private void group(StringBuilder html, List<Choice> choices) {
    Choice first = choices.get(0);
    String better = first.info().higherIsBetter() ? "↑ higher is better" : "↓ lower is better";
    html.append("<tbody><tr><th scope=\"rowgroup\" colspan=\"")
        .append(HEADS.size())
        .append("\">")
        .append(escape(Words.topic(first.topic()) + ": " + first.info().title() + ", " + better))
        .append("</th></tr>");
    choices.stream().limit(MOST_ROWS).forEach(choice -> row(html, choice));
    if (choices.size() > MOST_ROWS) {
      html.append("<tr><td class=\"text\" colspan=\"%d\">".formatted(HEADS.size()))
          .append(
              "%,d further budgets are left out here; all stand in results.csv</td></tr>"
                  .formatted(choices.size() - MOST_ROWS));
    }
    html.append("</tbody>");
  }

  private void row(StringBuilder html, Choice choice) {
    Double delta = choice.figure().delta();
    Double achieved = choice.best().achievedRatio();
    html.append("<tr>");
    td(html, choice.requested());
    html.append("<td class=\"text\"><strong>")
        .append(escape(choice.best().method()))
        .append("</strong></td>");
    td(html, achieved == null ? "–" : Words.number(achieved));
    html.append("<td class=\"text\">")
        .append(escape(Words.number(choice.best().value(choice.metric()).orElse(Double.NaN))))
        .append(marks(choice.best()))
        .append("</td>");
    td(
        html,
        delta == null
            ? "–"
            : Words.signed(delta) + choice.interval().map(words -> " " + words).orElse(""));
    td(html, choice.cacheInWords().orElse("–"));
    html.append("<td class=\"wrap\">").append(escape(alike(choice))).append("</td></tr>");
  }

  private String marks(Cell cell) {
    return numbers.of(cell.warnings()).stream()
        .map(number -> "<sup><a href=\"#note-%d\">[%d]</a></sup>".formatted(number, number))
        .collect(joining());
  }

  private static String alike(Choice choice) {
    List<String> names = choice.alike().stream().distinct().toList();
    String first = names.stream().limit(MOST_NAMES).collect(joining(", "));
    int others = names.size() - MOST_NAMES;
    return others <= 0 ? first : first + " and " + others + (others == 1 ? " other" : " others");
  }

  private static void td(StringBuilder html, String text) {
    html.append("<td class=\"text\">").append(escape(text)).append("</td>");
  }

  /** What of the samples is left out, to stand beside them. */
  String samplesNote() {
    return folder.notices().stream()
        .filter(text -> text.contains("samples.jsonl"))
        .map(text -> "<p class=\"note\">" + escape(text) + ".</p>\n")
        .collect(joining());
  }

  private static String notice(String text) {
    return "<li>This page: " + escape(text) + "</li>";
  }

  /** Errors, what the marks at figures stand for, and what was left out of the page. */
  String problems() {
    Set<String> lines = new LinkedHashSet<>();
    List<Cell> failed = folder.cells().stream().filter(cell -> cell.error() != null).toList();
    for (Cell cell : failed.subList(0, Math.min(MOST_ROWS, failed.size()))) {
      if (cell.error() != null) {
        lines.add(
            "<li class=\"bad\"><strong>Error</strong>, %s, %s: %s</li>"
                .formatted(escape(cell.label()), escape(cell.task()), escape(cell.error())));
      }
    }
    if (failed.size() > MOST_ROWS) {
      lines.add(
          "<li class=\"bad\">%,d further cells ended as errors; results.csv tells all</li>"
              .formatted(failed.size() - MOST_ROWS));
    }
    numbers
        .all()
        .forEach(
            (text, number) ->
                lines.add(
                    "<li id=\"note-%d\">[%d] %s</li>".formatted(number, number, escape(text))));
    PageCells.of(folder, verdict).notice().ifPresent(text -> lines.add(notice(text)));
    folder.notices().forEach(text -> lines.add(notice(text)));
    return lines.isEmpty()
        ? "<p>None: every cell has its figures.</p>"
        : lines.stream().collect(joining("\n", "<ul>", "</ul>"));
  }
}
