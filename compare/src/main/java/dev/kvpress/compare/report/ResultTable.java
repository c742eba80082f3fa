package dev.kvpress.compare.report;

import dev.kvpress.compare.report.folder.Words;
import dev.kvpress.compare.task.Metric;
import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.compare.task.Tasks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The comparison as a table in plain text, which is valid Markdown too: a line for each method and
 * budget, with the first metric of every task; what concerns the cache stands once behind them.
 * Behind ± stands half the width of the difference's 95 % interval; its ends are in results.json.
 * With more than two tasks a mark takes the place of the differences. What is to be known of a
 * figure is marked at it, or at the head of its column where it concerns all figures there, and
 * stands in a numbered line below.
 */
public final class ResultTable {
  private static final String NONE = "-";

  /** With more tasks the differences would make lines that no terminal shows. */
  private static final int TASKS_WITH_DELTAS = 2;

  private static final String SURE = "*";

  private final List<CellRow> rows;
  private final List<Column> columns;
  private final Footnotes notes = new Footnotes();

  /** What concerns all figures of a column. */
  private final Map<Column, List<String>> shared = new HashMap<>();

  private final Map<String, Optional<Metric>> headlines = new HashMap<>();
  private final List<String> sharedTimes;
  private final boolean readsAgain;

  private ResultTable(List<CellRow> rows) {
    this.rows = rows;
    Map<Column, List<CellRow>> byColumn = new LinkedHashMap<>();
    for (CellRow row : rows) {
      byColumn.computeIfAbsent(Column.of(row), key -> new ArrayList<>()).add(row);
    }
    this.columns = List.copyOf(byColumn.keySet());
    byColumn.forEach((column, own) -> shared.put(column, shared(own)));
    columns.forEach(
        column -> headlines.computeIfAbsent(column.task(), task -> Headlines.of(task, rows)));
    this.sharedTimes = sharedTimes(rows);
    this.readsAgain = rows.stream().anyMatch(row -> row.secondPassMs() != null);
  }

  /** A task on a data file: a group of columns. */
  private record Column(String task, String data) {
    static Column of(CellRow row) {
      return new Column(row.task(), row.data());
    }
  }

  /** A method at a budget: a line. */
  private record Entry(
      String method, String spec, @Nullable Double compressionRatio, @Nullable Integer budget) {
    static Entry of(CellRow row) {
      return new Entry(row.method(), row.spec(), row.compressionRatio(), row.budget());
    }
  }

  /** The table, then errors and what is to be known of figures, each a line. */
  public static String of(List<CellRow> rows) {
    return new ResultTable(rows).text();
  }

  private String text() {
    Map<Entry, Map<Column, CellRow>> entries = new LinkedHashMap<>();
    for (CellRow row : rows) {
      entries
          .computeIfAbsent(Entry.of(row), key -> new LinkedHashMap<>())
          .putIfAbsent(Column.of(row), row);
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(header());
    entries.values().forEach(own -> lines.add(cells(own)));
    StringBuilder text = new StringBuilder(TextTable.of(lines));
    if (columns.size() > TASKS_WITH_DELTAS && rows.stream().anyMatch(this::isMarked)) {
      text.append("\n* differs from the baseline by more than chance (95 % interval, paired)\n");
    }
    for (CellRow row : rows) {
      if (row.error() != null) {
        text.append("\nerror: ")
            .append(name(row))
            .append(columns.size() > 1 ? " (" + row.task() + ")" : "")
            .append(": ")
            .append(row.error());
      }
    }
    return text.append(notes.lines()).append('\n').toString();
  }

  private List<String> header() {
    List<String> header = new ArrayList<>(List.of("method", "ratio", "achieved"));
    for (Column column : columns) {
      boolean alone =
          columns.stream().filter(other -> other.task().equals(column.task())).count() == 1;
      header.add(
          notes.marked(label(column.task()) + (alone ? "" : " " + column.data()), known(column)));
      if (columns.size() <= TASKS_WITH_DELTAS) {
        header.add(deltaLabel(column.task()));
      }
    }
    header.addAll(List.of("KV logical", "KV physical", "prefill ms"));
    if (readsAgain) {
      header.add("second pass ms (tokens)");
    }
    header.add(notes.marked("ms/token", sharedTimes));
    return header;
  }

  private List<String> known(Column column) {
    return shared.getOrDefault(column, List.of());
  }

  private Optional<Metric> headline(String task) {
    return headlines.getOrDefault(task, Optional.empty());
  }

  /** What concerns all figures of a column. */
  private static List<String> shared(List<CellRow> column) {
    return column.get(0).warnings().stream()
        .filter(text -> column.stream().allMatch(row -> row.warnings().contains(text)))
        .toList();
  }

  /** Why all times are left out, if it is for one reason. */
  private static List<String> sharedTimes(List<CellRow> rows) {
    List<Optional<String>> reasons =
        rows.stream()
            .filter(row -> row.tpotMs() != null)
            .map(row -> Optional.ofNullable(row.tpotLeftOut()))
            .distinct()
            .toList();
    return reasons.size() == 1 ? reasons.get(0).stream().toList() : List.of();
  }

  private String label(String task) {
    return headline(task).map(Metric::label).orElse(task);
  }

  private static String deltaLabel(String task) {
    return task.equals(PerplexityTask.PERPLEXITY) ? "ΔNLL" : "Δ";
  }

  private List<String> cells(Map<Column, CellRow> byColumn) {
    List<CellRow> own = List.copyOf(byColumn.values());
    CellRow first = own.get(0);
    List<String> cells = new ArrayList<>();
    cells.add(first.method());
    cells.add(requested(first));
    cells.add(number("%.4f", any(own, CellRow::achievedRatio), failed(own)));
    for (Column column : columns) {
      Optional<CellRow> row = Optional.ofNullable(byColumn.get(column));
      List<String> special =
          row.map(CellRow::warnings).orElse(List.of()).stream()
              .filter(text -> !known(column).contains(text))
              .toList();
      if (columns.size() <= TASKS_WITH_DELTAS) {
        cells.add(notes.marked(row.map(this::value).orElse(NONE), special));
        cells.add(row.map(this::delta).orElse(NONE));
      } else {
        cells.add(
            notes.marked(row.map(r -> value(r) + (isMarked(r) ? SURE : "")).orElse(NONE), special));
      }
    }
    cells.add(bytes(any(own, CellRow::kvBytesLogical)));
    cells.add(bytes(any(own, CellRow::kvBytesPhysical)));
    cells.add(number("%.1f", any(own, CellRow::prefillMs), NONE));
    if (readsAgain) {
      cells.add(
          number("%.1f", any(own, CellRow::secondPassMs), NONE)
              + number(" (%.0f)", any(own, CellRow::secondPassTokens), ""));
    }
    cells.add(time(own));
    return cells;
  }

  /** The time of a step with its spread, or why there is none. */
  private String time(List<CellRow> own) {
    Optional<CellRow> timed = own.stream().filter(row -> row.tpotMs() != null).findFirst();
    if (timed.isEmpty()) {
      return NONE;
    }
    String reason = timed.get().tpotLeftOut();
    if (reason != null) {
      return notes.marked(NONE, sharedTimes.contains(reason) ? List.of() : List.of(reason));
    }
    return number("%.2f", timed.get().tpotMs(), NONE)
        + number(" ±%.2f", timed.get().tpotSpreadMs(), "");
  }

  private static <T> @Nullable T any(List<CellRow> rows, Function<CellRow, @Nullable T> figure) {
    return rows.stream().map(figure).filter(Objects::nonNull).findFirst().orElse(null);
  }

  private static String failed(List<CellRow> rows) {
    return rows.stream().allMatch(row -> row.error() == null) ? NONE : "error";
  }

  private String value(CellRow row) {
    if (row.error() != null) {
      return "error";
    }
    return headline(row.task())
        .map(metric -> row.metrics().get(metric.name()))
        .map(
            metric ->
                String.format(Locale.ROOT, "%.4f", metric.value())
                    + (Tasks.measureSpeed(row.task()) ? number(" ±%.4f", metric.error(), "") : ""))
        .orElse(NONE);
  }

  private boolean isMarked(CellRow row) {
    return row.error() == null && isSure(row);
  }

  /** Whether the interval of the difference leaves out zero. */
  private boolean isSure(CellRow row) {
    MetricRow metric =
        headline(row.task()).map(first -> row.metrics().get(first.name())).orElse(null);
    return metric != null
        && metric.low() != null
        && metric.high() != null
        && (metric.low() > 0 || metric.high() < 0);
  }

  private String delta(CellRow row) {
    if (row.error() != null) {
      return "error";
    }
    if (row.task().equals(PerplexityTask.PERPLEXITY)) {
      // Of the metric, so that older results too say it of the tokens of their perplexity.
      MetricRow nll = row.metrics().get(PerplexityTask.NLL_COMPRESSED);
      Double delta = nll == null || nll.delta() == null ? row.deltaNll() : nll.delta();
      return number("%+.4f", delta, NONE) + interval(nll);
    }
    return headline(row.task())
        .map(metric -> row.metrics().get(metric.name()))
        .map(metric -> number("%+.4f", metric.delta(), NONE) + interval(metric))
        .orElse(NONE);
  }

  private static String interval(@Nullable MetricRow row) {
    return row == null || row.low() == null || row.high() == null
        ? ""
        : String.format(Locale.ROOT, " ±%.4f", (row.high() - row.low()) / 2);
  }

  /** Method and budget, for messages. */
  static String name(CellRow row) {
    String requested = requested(row);
    return requested.equals(NONE) ? row.method() : row.method() + " at " + requested;
  }

  private static String requested(CellRow row) {
    if (row.budget() != null) {
      return row.budget() + " tok";
    }
    return row.compressionRatio() == null ? NONE : Words.plain(row.compressionRatio());
  }

  private static String number(String format, @Nullable Double value, String otherwise) {
    return value == null ? otherwise : String.format(Locale.ROOT, format, value);
  }

  private static String bytes(@Nullable Long bytes) {
    if (bytes == null) {
      return NONE;
    }
    return Words.bytes(bytes);
  }
}
