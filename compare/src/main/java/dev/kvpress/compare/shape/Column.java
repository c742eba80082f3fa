package dev.kvpress.compare.shape;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * A column of a shape.
 *
 * @param name as rows have it when the shape reads them
 * @param aliases other names under which files have it
 * @param type what it holds
 * @param isRequired whether a file without it is of another shape
 */
public record Column(String name, List<String> aliases, ColumnType type, boolean isRequired) {
  /** Takes a copy. */
  public Column {
    aliases = ImmutableList.copyOf(aliases);
  }

  /** A column that must be there. */
  public static Column required(ColumnType type, String name, String... aliases) {
    return new Column(name, List.of(aliases), type, true);
  }

  /** A column that may be there. */
  public static Column optional(ColumnType type, String name, String... aliases) {
    return new Column(name, List.of(aliases), type, false);
  }

  /** Whether a file's column is this one. */
  public boolean isCalled(String column) {
    return name.equals(column) || aliases.contains(column);
  }

  /** The names, for people. */
  public String names() {
    return aliases.isEmpty() ? name : name + " or " + String.join(" or ", aliases);
  }
}
