package dev.kvpress.compare.report;

import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.task.Probe;
import dev.kvpress.runtime.text.TextStream;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The context of a sample token by token as it stands in texts.jsonl, so that a report can show
 * which words were kept.
 *
 * @param task whose sample it is
 * @param data name of the data
 * @param sample index from 0 in file order
 * @param tokens text of each token, together the text of the context; a character that several
 *     tokens make stands with the last of them; ids where there is no tokenizer
 */
public record TextRow(String task, String data, int sample, List<String> tokens) {
  /** Takes a copy. */
  public TextRow {
    tokens = List.copyOf(tokens);
  }

  /** The contexts of all samples that have a keep map, each once. */
  public static List<TextRow> of(List<CellOutcome> cells, Optional<Tokenizer> tokenizer) {
    List<TextRow> rows = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (CellOutcome cell : cells) {
      for (SampleOutcome sample : cell.samples()) {
        String name = cell.assignment().describe() + " " + sample.sample();
        if (sample.keepMap().isPresent() && seen.add(name)) {
          cell.assignment().samples().probes().stream()
              .filter(probe -> probe.sample() == sample.sample())
              .findFirst()
              .ifPresent(probe -> rows.add(row(cell, probe, tokenizer)));
        }
      }
    }
    return rows;
  }

  private static TextRow row(CellOutcome cell, Probe probe, Optional<Tokenizer> tokenizer) {
    List<String> pieces = new ArrayList<>();
    Optional<TextStream> text = tokenizer.map(TextStream::of);
    probe.context().forEach(id -> pieces.add(text.map(t -> t.add(id)).orElse(String.valueOf(id))));
    int last = pieces.size() - 1;
    text.ifPresent(t -> pieces.set(last, pieces.get(last).concat(t.end())));
    return new TextRow(
        cell.assignment().task().name(), cell.assignment().data(), probe.sample(), pieces);
  }
}
