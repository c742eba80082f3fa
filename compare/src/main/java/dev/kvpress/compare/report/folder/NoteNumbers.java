package dev.kvpress.compare.report.folder;

import com.google.common.collect.ImmutableMap;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers of what is to be known of figures: the mark at a figure and the line that it stands for
 * are found by them on all of a report.
 */
public final class NoteNumbers {
  private final ImmutableMap<String, Integer> numbers;

  private NoteNumbers(Map<String, Integer> numbers) {
    this.numbers = ImmutableMap.copyOf(numbers);
  }

  /** Those of all cells of a folder, in their order, from 1. */
  public static NoteNumbers of(ResultFolder folder) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    for (Cell cell : folder.cells()) {
      cell.notes().forEach(text -> numbers.putIfAbsent(text, numbers.size() + 1));
    }
    return new NoteNumbers(numbers);
  }

  /** The numbers of some texts of cells. */
  public List<Integer> of(Collection<String> texts) {
    return texts.stream().map(numbers::get).distinct().toList();
  }

  /** Texts with their numbers. */
  public Map<String, Integer> all() {
    return numbers;
  }
}
