package dev.kvpress.compare.shape;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What is to be known of a shape without reading a row.
 *
 * @param name in options and files, lower case with hyphens
 * @param tasks names of the tasks that can be asked of it, at least one; the first is asked where
 *     none is named
 * @param columns that it reads, and those that may stand beside them and change nothing
 * @param prompt how a row becomes a prompt, in words
 * @param metric what the first task reports
 * @param source whose files have this shape
 */
public record ShapeCard(
    String name,
    List<String> tasks,
    List<Column> columns,
    String prompt,
    String metric,
    String source) {
  /** Columns that only say which row this is. They change nothing in any shape. */
  private static final Set<String> IDENTIFIERS =
      ImmutableSet.of(
          "id", "_id", "idx", "index", "ind", "doc_id", "question_id", "uid", "Unnamed: 0");

  /** Takes copies and checks that there is a task and a required column. */
  public ShapeCard {
    tasks = ImmutableList.copyOf(tasks);
    columns = ImmutableList.copyOf(columns);
    if (tasks.isEmpty() || columns.stream().noneMatch(Column::isRequired)) {
      throw new IllegalArgumentException(
          "shape " + name + " needs at least one task and one required column");
    }
  }

  /** Begins a card. */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /** Whether a column only says which row this is. */
  public static boolean isIdentifier(String column) {
    return IDENTIFIERS.contains(column);
  }

  /** Collects what stands on a card. */
  public static final class Builder {
    private final String name;
    private List<String> tasks = List.of();
    private final List<Column> columns = new ArrayList<>();
    private String prompt = "";
    private String metric = "";

    private Builder(String name) {
      this.name = name;
    }

    /** Names of tasks, the usual one first. */
    public Builder tasks(String... names) {
      tasks = List.of(names);
      return this;
    }

    /** A column that must be there, under any of its names. */
    public Builder needs(ColumnType type, String column, String... aliases) {
      columns.add(Column.required(type, column, aliases));
      return this;
    }

    /** A column that is read if it is there. */
    public Builder takes(ColumnType type, String column, String... aliases) {
      columns.add(Column.optional(type, column, aliases));
      return this;
    }

    /** Columns that files of this shape have and that change nothing. */
    public Builder ignores(String... names) {
      for (String column : names) {
        columns.add(Column.optional(ColumnType.ANY, column));
      }
      return this;
    }

    /** How a row becomes a prompt. */
    public Builder prompt(String words) {
      prompt = words;
      return this;
    }

    /** What the first task reports. */
    public Builder metric(String words) {
      metric = words;
      return this;
    }

    /** Whose files these are; ends the card. */
    public ShapeCard from(String source) {
      return new ShapeCard(name, tasks, columns, prompt, metric, source);
    }
  }
}
